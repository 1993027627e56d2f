import { readdirSync, readFileSync } from 'node:fs';

/** Sends a signal to every process of a group; does nothing if the group no longer exists. */
export function signalGroup(groupId: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-groupId, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Whether the group has a process that is not a zombie. */
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
 * When a process started, in clock ticks since boot (proc(5), field 22 of /proc/pid/stat). Together with the process id
 * it identifies a process, because ids are reused.
 */
export function processStartTime(pid: number): string | undefined {
  return stat(pid)?.startTime;
}

function stat(pid: number): { state: string; parent: number; group: number; startTime: string } | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The command name, in parentheses, may itself contain spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return {
    state: fields[0] ?? '',
    parent: Number(fields[1]),
    group: Number(fields[2]),
    startTime: fields[19] ?? '',
  };
}

/** Sends a signal to all descendants of a process. Does nothing on systems without proc(5). */
export function signalDescendants(pid: number, signal: NodeJS.Signals): void {
  if (stat(process.pid) === undefined) return;
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    const status = /^\d+$/.test(entry) ? stat(Number(entry)) : undefined;
    if (status) parents.set(Number(entry), status.parent);
  }
  const descends = (one: number): boolean => {
    const parent = parents.get(one);
    return parent !== undefined && (parent === pid || descends(parent));
  };
  for (const one of [...parents.keys()].filter(descends)) {
    try {
      process.kill(one, signal);
    } catch {
      // It has ended in the meantime.
    }
  }
}
