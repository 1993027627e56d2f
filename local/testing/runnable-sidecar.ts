import { constants, copyFile, mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buildSidecar } from '../../services/sidecar/build.ts';
import { keptPrograms } from '../kept/kept-programs.ts';

/** What a process of another user needs to run the sidecar. */
export interface RunnableSidecar {
  readonly node: string;
  readonly main: string;
  readonly health: string;
}

/**
 * Bundles the sidecar as its image does, into a directory that the sidecar's user can read: the clone, and the Node.js
 * in it, may be in a home directory that other users cannot enter.
 */
export async function runnableSidecar(directory: string): Promise<RunnableSidecar> {
  const programs = join(directory, 'programs');
  await mkdir(programs, { recursive: true });
  await keptPrograms('sidecar', programs, buildSidecar);
  let node = process.execPath;
  if (!(await isOpenToAll(node))) {
    node = join(programs, 'node');
    await copyFile(process.execPath, node, constants.COPYFILE_FICLONE);
  }
  return { node, main: join(programs, 'main.mjs'), health: join(programs, 'health.mjs') };
}

/** Whether any user may pass through every directory on the path. */
async function isOpenToAll(path: string): Promise<boolean> {
  for (let at = path; at !== dirname(at); at = dirname(at)) {
    if (((await stat(at)).mode & 0o001) === 0) {
      return false;
    }
  }
  return true;
}
