import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where everything is kept: `.state/cache` of this clone. */
const repositoryCache = fileURLToPath(new URL('../../.state/cache', import.meta.url));

/** Milliseconds after which nobody is going to ask for a folder that was made of something else. */
const forgottenAfter = 24 * 60 * 60 * 1000;

export interface Kept {
  /** Such as `programs-web`: beginning of the folder's name. */
  readonly name: string;
  /** All that the folder's contents depend on; what JSON holds. */
  readonly from: unknown;
  /** Default: `repositoryCache`. */
  readonly directory?: string;
}

/**
 * A folder that takes seconds to make and is kept for whoever asks for the same later: made now unless it is there. What
 * was made under the same name of something else, and was not asked for since a day, is removed.
 *
 * Several processes may ask at once: each makes its own, and the first that is whole stays.
 *
 * @param make fills an empty folder
 * @returns the folder; its contents are everybody's, so copy what you change
 */
export async function keptFolder(
  { name, from, directory = repositoryCache }: Kept,
  make: (folder: string) => Promise<unknown>,
): Promise<string> {
  const key = createHash('sha256').update(JSON.stringify(from)).digest('hex').slice(0, 12);
  const folder = join(directory, `${name}-${key}`);
  // Touched before it is relied on: whoever removes old folders at this moment finds that it is wanted.
  if (!(await touch(folder))) await makeFolder(directory, folder, make);
  await forget(directory, name, new Date());
  return folder;
}

/** @returns whether it is there */
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
  // In two steps: the mode is for the last folder alone, others may pass through those above it.
  await mkdir(directory, { recursive: true });
  await mkdir(unfinished, { mode: 0o700 });
  try {
    await make(unfinished);
    await rename(unfinished, folder).catch((error: NodeJS.ErrnoException) => {
      // Somebody else was faster: theirs is as good as ours.
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
    // Another process may have removed it just now.
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }));
    if (now.getTime() - mtimeMs <= forgottenAfter) continue;
    // Out of the way at once, so that nobody finds it half removed.
    const leaving = join(directory, `${entry.split('.')[0]}.${randomUUID()}`);
    await rename(path, leaving).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    await rm(leaving, { recursive: true, force: true });
  }
}
