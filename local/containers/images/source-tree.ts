import { cp, readdir, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type TemporaryFolder, temporaryFolder } from '../../processes/temporary-folder.ts';

const repository = fileURLToPath(new URL('../../..', import.meta.url));

/** Generated files and folders that are not source: in every folder, and at the top level only. */
const madeHere = ['.git', '.state', 'node_modules', 'cdk.out', 'dist'];
const madeAtTop = [...madeHere, 'coverage', 'reports'];

/**
 * Copies the source of this project to a temporary folder, as CodeBuild provides it to a build, so that a build does
 * not write into the working tree.
 *
 * @param options.dependencies let the copy use the npm packages that are installed here
 */
export async function copySourceTree({
  dependencies,
}: {
  readonly dependencies: boolean;
}): Promise<TemporaryFolder> {
  const folder = temporaryFolder('source');
  const filter = (path: string) => !madeHere.includes(basename(path));
  // Copy entry by entry, because the folder for temporary files may be below this clone's .state.
  for (const name of (await readdir(repository)).filter((name) => !madeAtTop.includes(name))) {
    await cp(join(repository, name), join(folder.path, name), { recursive: true, filter });
  }
  if (dependencies) await symlink(join(repository, 'node_modules'), join(folder.path, 'node_modules'));
  return folder;
}
