import { join } from 'node:path';
import { bundle } from '@packages/service/bundle';

/**
 * Bundles the sidecar's two programs, `main.mjs` and `health.mjs`, for Node 24, as its image contains them. The running
 * sidecar does not load the AWS SDK, and its fetching process loads little else.
 *
 * @returns the bundled source files, as paths from the repository's root
 */
export function buildSidecar(outputDirectory: string): Promise<string[]> {
  return bundle(import.meta.dirname, outputDirectory);
}

if (import.meta.main) {
  await buildSidecar(process.argv[2] ?? join(import.meta.dirname, 'dist'));
}
