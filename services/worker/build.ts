import { join } from 'node:path';
import { bundle } from '@packages/service/bundle';

/** Bundles the worker's programs: what the image holds and the rehearsal runs. */
export async function buildService(outputDirectory: string): Promise<void> {
  await bundle(import.meta.dirname, outputDirectory);
}

if (import.meta.main) {
  await buildService(process.argv[2] ?? join(import.meta.dirname, 'dist'));
}
