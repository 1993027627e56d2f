import { rmSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atExit } from './at-exit.ts';
import { processStartTime } from './process-group.ts';

export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
}

/**
 * A folder for temporary files. It goes with this process, also when `process.exit` ends it in the middle of its work; of a
 * process that is killed it stays, and bears its mark, by which `removeLeftFolders` knows it.
 *
 * @param name beginning of the folder's name
 * @param parent an existing folder; default: the one for temporary files
 */
export async function temporaryFolder(name: string, parent = tmpdir()): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(parent, `${name}-${process.pid}.${processStartTime(process.pid)}-`));
  const forget = atExit(() => rmSync(path, { recursive: true, force: true, maxRetries: 3 }));
  return {
    path,
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true, force: true });
      forget();
    },
  };
}

/** Removes the temporary folders of that name whose processes are gone. */
export async function removeLeftFolders(name: string, parent: string): Promise<void> {
  const left = (await readdir(parent)).filter((entry) => entry.startsWith(`${name}-`) && !hasOwner(entry));
  for (const entry of left) await rm(join(parent, entry), { recursive: true, force: true });
}

/** A process id that belongs to another process by now is no owner. */
function hasOwner(folder: string): boolean {
  const [, pid, startTime] = /-(\d+)\.(\d+)-\w{6}$/.exec(folder) ?? [];
  return pid !== undefined && processStartTime(Number(pid)) === startTime;
}
