import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { groupIsAlive, processStartTime, signalGroup } from './process-group.ts';
import { patience, within } from './within.ts';

/**
 * Ends the processes that an earlier run left running because it crashed or was killed, and deletes their records.
 * Leaves a process alone if it has merely reused a recorded process id.
 *
 * @returns the names of the processes that were ended
 */
export async function endRecordedProcesses(stateDirectory: string): Promise<string[]> {
  const directory = join(stateDirectory, 'processes');
  const ended: string[] = [];
  for (const file of records(directory)) {
    const path = join(directory, file);
    const record = parse(path);
    if (record && processStartTime(record.pid) === record.startTime) {
      signalGroup(record.pid, 'SIGTERM');
      if (!(await within(3000, () => !groupIsAlive(record.pid)))) signalGroup(record.pid, 'SIGKILL');
      await within(patience, () => !groupIsAlive(record.pid));
      ended.push(record.name);
    }
    rmSync(path, { force: true });
  }
  return ended;
}

function records(directory: string): string[] {
  try {
    return readdirSync(directory).filter((file) => file.endsWith('.json'));
  } catch {
    return [];
  }
}

function parse(path: string): { name: string; pid: number; startTime: string } | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
