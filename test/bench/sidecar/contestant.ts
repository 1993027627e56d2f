import { type ChildProcess, spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A program that obtains a ticket into a file and renews it. */
export interface Contestant {
  readonly name: string;
  readonly command: string;
  readonly arguments: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** The path at which its ticket appears. */
  readonly cache: string;
}

export interface Run {
  readonly pid: number;
  /** From the start of the process to the first ticket, in milliseconds. */
  readonly firstTicket: number;
  stop(): Promise<void>;
}

/** @throws Error if no ticket appears within 20 s */
export async function start(contestant: Contestant): Promise<Run> {
  const { cache } = contestant;
  await rm(dirname(cache), { recursive: true, force: true });
  await mkdir(join(dirname(cache), 'home'), { recursive: true });
  const ticket = ticketAppears(contestant);
  const began = performance.now();
  const child = spawn(contestant.command, contestant.arguments, {
    env: { HOME: join(dirname(cache), 'home'), ...contestant.environment },
    stdio: 'ignore',
    detached: true,
  });
  try {
    const appeared = await ticket;
    return { pid: child.pid as number, firstTicket: appeared - began, stop: () => stop(child) };
  } catch (error) {
    await stop(child);
    throw error;
  }
}

function ticketAppears({ name, cache }: Contestant): Promise<number> {
  return new Promise((resolve, reject) => {
    const watcher = watch(dirname(cache), (_, file) => {
      if (file === cache.slice(dirname(cache).length + 1)) {
        watcher.close();
        clearTimeout(limit);
        resolve(performance.now());
      }
    });
    const limit = setTimeout(() => {
      watcher.close();
      reject(new Error(`${name} had no ticket after 20 s.`));
    }, 20_000);
  });
}

/** Ends the process and all its children. */
function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) {
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    child.once('close', () => resolve());
    process.kill(-(child.pid as number), 'SIGTERM');
  });
}
