import { lstat, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readersGroup } from './readers-group.ts';
import { replaceFile } from './replace-file.ts';

const mode = 0o640;

/** How a published file differs from what was published. */
export type Damage = 'missing' | 'altered' | 'unreadable';

/** A file in the shared folder, readable by the folder's group; it remembers its correct content. */
export interface PublishedFile {
  readonly path: string;
  /** Replaces the file; once the new content is in place, it is the correct one. */
  publish(content: Buffer): Promise<void>;
  /** Accepts the content that an earlier run published as the correct one. */
  adopt(content: Buffer): void;
  /** What is wrong with the file, or `undefined`; before anything is published, always `undefined`. */
  damage(): Promise<Damage | undefined>;
  /** Publishes the correct content again. */
  restore(): Promise<void>;
}

/** Calls on one file run one after another, so that a repair does not undo a renewal. */
export function createPublishedFile(path: string): PublishedFile {
  let content: Buffer | undefined;
  let last: Promise<unknown> = Promise.resolve();

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = last.then(work, work);
    last = result;
    return result;
  }

  async function write(next: Buffer): Promise<void> {
    await replaceFile(path, next, { mode, gid: await readersGroup(dirname(path)) });
    content = next;
  }

  return {
    path,
    publish: (next) => inTurn(() => write(next)),
    adopt(found) {
      content = found;
    },
    damage: () => inTurn(async () => (content ? inspect(path, content) : undefined)),
    restore: () =>
      inTurn(async () => {
        if (content) {
          await write(content);
        }
      }),
  };
}

async function inspect(path: string, content: Buffer): Promise<Damage | undefined> {
  try {
    const found = await lstat(path);
    if (
      !found.isFile() ||
      (found.mode & 0o777) !== mode ||
      found.gid !== (await readersGroup(dirname(path)))
    ) {
      return 'unreadable';
    }
    return (await readFile(path)).equals(content) ? undefined : 'altered';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'missing' : 'unreadable';
  }
}
