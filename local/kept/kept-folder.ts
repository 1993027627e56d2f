import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The cache folder: `.state/cache` of this clone. */
const repositoryCache = fileURLToPath(new URL('../../.state/cache', import.meta.url));

/** Milliseconds after which an unused folder made from other inputs is removed. */
const forgottenAfter = 24 * 60 * 60 * 1000;

export interface Kept {
  /** Prefix of the folder's name, for example `programs-web`. */
  readonly name: string;
  /** Everything that the folder's contents depend on; must be serializable as JSON. */
  readonly from: unknown;
  /** Default: `repositoryCache`. */
  readonly directory?: string;
}

/**
 * Returns a cached folder whose contents take seconds to create; creates it if it does not exist. Removes folders of
 * the same name that were made from other inputs and have not been used for a day.
 *
 * Several processes may call this at the same time. Each creates its own folder, and the first complete one is kept.
 *
 * @param make fills an empty folder
 * @returns the folder; it is shared by all callers, so copy what you want to change
 */
export async function keptFolder(
  { name, from, directory = repositoryCache }: Kept,
  make: (folder: string) => Promise<unknown>,
): Promise<string> {
  const key = createHash('sha256').update(JSON.stringify(from)).digest('hex').slice(0, 12);
  const folder = join(directory, `${name}-${key}`);
  // Touch the folder before relying on it, so that a process that is removing old folders sees that it is in use.
  if (!(await touch(folder))) await makeFolder(directory, folder, make);
  await forget(directory, name, new Date());
  return folder;
}

/** @returns whether the folder exists */
async function touch(folder: string): Promise<boolean> {
  const now = new Date();
  try {
    await utimes(folder, now, now);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return false;
  }
}

async function makeFolder(
  directory: string,
  folder: string,
  make: (folder: string) => Promise<unknown>,
): Promise<void> {
  const unfinished = `${folder}.${randomUUID()}`;
  // In two steps, because the mode is for the innermost folder only; other users may pass through its parents.
  await mkdir(directory, { recursive: true });
  await mkdir(unfinished, { mode: 0o700 });
  try {
    await make(unfinished);
    await rename(unfinished, folder).catch((error: NodeJS.ErrnoException) => {
      // Another process was faster; its folder is as good as ours.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function forget(directory: string, name: string, now: Date): Promise<void> {
  const key = /^-[0-9a-f]{12}(\.[0-9a-f-]{36})?$/;
  const made = (await readdir(directory)).filter(
    (entry) => entry.startsWith(name) && key.test(entry.slice(name.length)),
  );
  for (const entry of made) {
    const path = join(directory, entry);
    // Another process may just have removed it.
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }));
    if (now.getTime() - mtimeMs <= forgottenAfter) continue;
    // Rename it first, so that no other process finds it partly removed.
    const leaving = join(directory, `${entry.split('.')[0]}.${randomUUID()}`);
    await rename(path, leaving).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    await rm(leaving, { recursive: true, force: true });
  }
}
