import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atExit } from './at-exit.ts';
import { processStartTime } from './process-group.ts';

export interface TemporaryFolder extends AsyncDisposable, Disposable {
  readonly path: string;
}

/**
 * Creates a folder for temporary files. It is removed when this process exits, even by `process.exit` with work
 * unfinished. A killed process leaves its folder behind; the folder's name identifies the process, so the next call
 * with the same name removes it.
 *
 * @param name prefix of the folder's name
 * @param parent an existing folder; default: the system's folder for temporary files
 */
export function temporaryFolder(name: string, parent = tmpdir()): TemporaryFolder {
  removeLeftFolders(name, parent);
  const path = mkdtempSync(join(parent, `${name}-${process.pid}.${processStartTime(process.pid)}-`));
  const remove = () => rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  const forget = atExit(remove);
  return {
    path,
    [Symbol.dispose]() {
      remove();
      forget();
    },
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true, force: true });
      forget();
    },
  };
}

/**
 * Removes the temporary folders with this name whose processes no longer exist. Keeps the folders of other users, and
 * keeps all folders on systems without proc(5), where it cannot tell.
 */
export function removeLeftFolders(name: string, parent: string): void {
  if (processStartTime(process.pid) === undefined) return;
  for (const entry of readdirSync(parent)) {
    const [, pid, startTime] = /-(\d+)\.(\d+)-\w{6}$/.exec(entry) ?? [];
    if (pid === undefined || !entry.startsWith(`${name}-${pid}.`)) continue;
    // A process that has merely reused the process id is not the owner, so compare the start times.
    if (processStartTime(Number(pid)) === startTime) continue;
    const path = join(parent, entry);
    try {
      if (lstatSync(path).uid === process.getuid?.()) rmSync(path, { recursive: true, force: true });
    } catch {
      // Another process is removing it at this moment.
    }
  }
}
