import { readdirSync, readFileSync } from 'node:fs';

/** Sends a signal to every process of a group; a group that is gone is no error. */
export function signalGroup(groupId: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-groupId, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** True while the group has a process that is not merely waiting to be reaped. */
export function groupIsAlive(groupId: number): boolean {
  try {
    process.kill(-groupId, 0);
  } catch {
    return false;
  }
  return readdirSync('/proc').some((entry) => {
    const status = /^\d+$/.test(entry) ? stat(Number(entry)) : undefined;
    return status !== undefined && status.group === groupId && status.state !== 'Z';
  });
}

/**
 * When a process started, in clock ticks since boot (proc(5), field 22 of /proc/pid/stat):
 * with it, a process id that was since given to another process is recognised.
 */
export function processStartTime(pid: number): string | undefined {
  return stat(pid)?.startTime;
}

function stat(pid: number): { state: string; group: number; startTime: string } | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The command name, in parentheses, may itself hold blanks and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', group: Number(fields[2]), startTime: fields[19] ?? '' };
}
