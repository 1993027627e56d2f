import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Rehearsal } from '../../local/rehearsal/rehearsal.ts';

export interface TaskEvents {
  /** Names of the events that all sidecars have logged, and how often. */
  readonly events: Readonly<Record<string, number>>;
  /** The log lines with the level `error`, of sidecars and web services. */
  readonly errors: readonly string[];
}

/** Summarizes what the tasks of a rehearsal have logged since a time. */
export async function eventsSince(rehearsal: Rehearsal, since: Date): Promise<TaskEvents> {
  return summary(await logOf(rehearsal), since);
}

/** All log lines of the tasks. */
async function logOf({ stateDirectory, slots }: Rehearsal): Promise<string[]> {
  const folder = join(stateDirectory, 'logs');
  const names = (await readdir(folder)).filter((name) => slots.some((slot) => name.startsWith(slot.name)));
  const logs = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return logs.flatMap((log) => log.split('\n').filter(Boolean));
}

function summary(lines: readonly string[], since: Date): TaskEvents {
  const events: Record<string, number> = {};
  const errors: string[] = [];
  for (const line of lines) {
    const { time, event, level } = JSON.parse(line) as Record<'time' | 'event' | 'level', string>;
    if (event === undefined || new Date(time) < since) continue;
    events[event] = (events[event] ?? 0) + 1;
    if (level === 'error') errors.push(line);
  }
  return { events, errors };
}
