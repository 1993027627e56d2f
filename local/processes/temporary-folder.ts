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
 * A folder for temporary files. It goes with this process, also when `process.exit` ends it in the middle of its work; of a
 * process that is killed it stays, and bears its mark, by which the next one of that name removes it.
 *
 * @param name beginning of the folder's name
 * @param parent an existing folder; default: the one for temporary files
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
 * Removes the temporary folders of that name whose processes are gone. Others' folders stay, and so do all where there is no
 * proc(5) to tell by.
 */
export function removeLeftFolders(name: string, parent: string): void {
  if (processStartTime(process.pid) === undefined) return;
  for (const entry of readdirSync(parent)) {
    const [, pid, startTime] = /-(\d+)\.(\d+)-\w{6}$/.exec(entry) ?? [];
    if (pid === undefined || !entry.startsWith(`${name}-${pid}.`)) continue;
    // A process id that belongs to another process by now is no owner.
    if (processStartTime(Number(pid)) === startTime) continue;
    const path = join(parent, entry);
    try {
      if (lstatSync(path).uid === process.getuid?.()) rmSync(path, { recursive: true, force: true });
    } catch {
      // Another process removes it just now.
    }
  }
}
