import { join } from 'node:path';
import { bundle } from '@packages/service/bundle';

/** Bundles the job's program: what the image holds and the rehearsal runs. */
export async function buildService(outputDirectory: string): Promise<void> {
  await bundle(import.meta.dirname, outputDirectory, ['main']);
}

if (import.meta.main) {
  await buildService(process.argv[2] ?? join(import.meta.dirname, 'dist'));
}
