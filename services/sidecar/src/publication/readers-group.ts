import { stat } from 'node:fs/promises';

/** The group that may read what is published: that of the directory. */
export async function readersGroup(directory: string): Promise<number> {
  return (await stat(directory)).gid;
}
