import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { TestProject } from 'vitest/node';
import { temporaryFolder } from '../local/processes/temporary-folder.ts';

const variable = 'MADE_ONCE_FOLDER';

/**
 * Vitest's global set-up: a folder for what test files share, for one run, so that nothing in it is ever older than the
 * code.
 */
export default function makeFolder(project: Pick<TestProject, 'onTestsRerun'>): (() => void) | undefined {
  // For each project of the configuration; they share it.
  if (process.env[variable] !== undefined) return undefined;
  // Of a run that was killed it stays, and goes with the next one.
  const { path: folder, [Symbol.dispose]: remove } = temporaryFolder('made-once');
  process.env[variable] = folder;
  // Who watches has changed the code since.
  project.onTestsRerun(async () => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { mode: 0o700 });
  });
  return () => {
    delete process.env[variable];
    remove();
  };
}

/**
 * What takes seconds to make and several test files ask for, in whichever process they run: the first that asks makes it.
 * Everybody gets a copy to themselves, so that a test may change its own.
 *
 * @param kind names the way it is made
 * @param from all that it depends on besides the code
 * @param make its result must be what a structured clone keeps: data, maps and sets
 */
export function madeOnce<Value>(kind: string, from: unknown, make: () => Value): Value {
  const folder = process.env[variable];
  // A program that is no test.
  if (folder === undefined) return make();
  const file = join(folder, nameOf(kind, from));
  const known = readIfThere(file);
  if (known !== undefined) return deserialize(known);
  const made = make();
  // Renamed into its place, as another process may be reading just now; if it makes the same, either is as good.
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, serialize(made));
  renameSync(fresh, file);
  return made;
}

/** Keeps a copy of a folder for whoever asks for it under this name later in the run; the first one is kept. */
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

/** Copies what was shared under this name into a directory. @returns whether there was something */
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
