import { cp, mkdir } from 'node:fs/promises';
import { buildService } from '@packages/service/build';
import { keptFolder } from './kept-folder.ts';
import { sourceKey } from './source-key.ts';

/**
 * Copies the programs of a service, as they are in its image, into a folder. They are bundled once for the same
 * sources.
 *
 * @param service its folder in `services/`
 * @param build bundles them into a folder
 */
export async function keptPrograms(
  service: string,
  directory: string,
  build: (folder: string) => Promise<unknown> = (folder) => buildService(service, folder),
): Promise<void> {
  const made = await keptFolder({ name: `programs-${service}`, from: sourceKey() }, build);
  // Other users cannot read the cached folder; the copy has the default mode of a new folder.
  await mkdir(directory, { recursive: true });
  await cp(made, directory, { recursive: true });
}
