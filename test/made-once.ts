import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { TestProject } from 'vitest/node';
import { temporaryFolder } from '../local/processes/temporary-folder.ts';

const variable = 'MADE_ONCE_FOLDER';

/**
 * Makes the folder that test files share, in this process and those that it starts. It lasts for one run, because what is in
 * it depends on the code. A killed run leaves its folder behind; the next run removes it.
 */
export function shareMadeOnce(): Disposable & { readonly path: string } {
  const { path, [Symbol.dispose]: remove } = temporaryFolder('made-once');
  process.env[variable] = path;
  return {
    path,
    [Symbol.dispose]() {
      delete process.env[variable];
      remove();
    },
  };
}

/** Vitest's global setup: makes the shared folder, unless another project or the program that started vitest has. */
export default function makeFolder(project: Pick<TestProject, 'onTestsRerun'>): (() => void) | undefined {
  if (process.env[variable] !== undefined) return undefined;
  const folder = shareMadeOnce();
  // In watch mode, a rerun means that the code has changed.
  project.onTestsRerun(async () => {
    rmSync(folder.path, { recursive: true, force: true });
    mkdirSync(folder.path, { mode: 0o700 });
  });
  return () => folder[Symbol.dispose]();
}

/**
 * Makes something slow once in a run, for all test files and processes that need it. Returns a fresh copy to each caller, so
 * tests may modify it.
 *
 * @param kind identifies what is made
 * @param from everything that it depends on besides the code
 * @param make returns data that a structured clone preserves, such as maps and sets
 */
export function madeOnce<Value>(kind: string, from: unknown, make: () => Value): Value {
  const folder = process.env[variable];
  // Not called by a test.
  if (folder === undefined) return make();
  const file = join(folder, nameOf(kind, from));
  const known = readIfThere(file);
  if (known !== undefined) return deserialize(known);
  const made = make();
  // Renamed, because another process may be reading. If it makes the same at the same time, either result will do.
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, serialize(made));
  renameSync(fresh, file);
  return made;
}

/** Keeps a copy of a folder under a name, for later callers in the run. The first copy of a name is kept. */
export function shareFolder(name: string, directory: string): void {
  const folder = process.env[variable];
  if (folder === undefined) return;
  const kept = join(folder, nameOf('folder', name));
  if (existsSync(kept)) return;
  const fresh = `${kept}.${process.pid}`;
  cpSync(directory, fresh, { recursive: true });
  try {
    renameSync(fresh, kept);
  } catch (error) {
    // Another process was faster.
    if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
  }
}

/** Copies the folder shared under this name into a directory. @returns false if there is none */
export function sharedFolder(name: string, directory: string): boolean {
  const folder = process.env[variable];
  const kept = join(folder ?? '', nameOf('folder', name));
  if (folder === undefined || !existsSync(kept)) return false;
  cpSync(kept, directory, { recursive: true });
  return true;
}

function nameOf(kind: string, from: unknown): string {
  return createHash('sha256').update(kind).update('\n').update(serialize(from)).digest('hex');
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
