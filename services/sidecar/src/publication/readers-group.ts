import { stat } from 'node:fs/promises';

/** The group that may read published files: the directory's own. */
export async function readersGroup(directory: string): Promise<number> {
  return (await stat(directory)).gid;
}
