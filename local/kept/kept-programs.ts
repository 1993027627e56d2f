import { cp, mkdir } from 'node:fs/promises';
import { buildService } from '@packages/service/build';
import { keptFolder } from './kept-folder.ts';
import { sourceKey } from './source-key.ts';

/**
 * Puts the programs of a service, as its image holds them, into a folder. They are bundled once for the same sources.
 *
 * @param service its folder in `services/`
 * @param build fills a folder with them
 */
export async function keptPrograms(
  service: string,
  directory: string,
  build: (folder: string) => Promise<unknown> = (folder) => buildService(service, folder),
): Promise<void> {
  const made = await keptFolder({ name: `programs-${service}`, from: sourceKey() }, build);
  // What is kept is for nobody else to read; the copy is as open as any new folder.
  await mkdir(directory, { recursive: true });
  await cp(made, directory, { recursive: true });
}
