import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { compileCache } from '../processes/compile-cache.ts';

type LogLine = Record<string, unknown> & { readonly msg: string };

/** A service in a separate process, started by its entry point. */
export interface ServiceProcess {
  readonly pid: number;
  /** Resolves with the first log line, past or future, that has this message. Rejects if the process ends first. */
  logged(message: string): Promise<LogLine>;
  readonly log: readonly LogLine[];
  /** Its output on stderr. */
  errors(): string;
  signal(name: NodeJS.Signals): void;
  readonly exited: Promise<number | null>;
}

/** Starts `services/<name>` with exactly this environment, plus Node.js' compile cache. */
export function startServiceProcess(name: string, environment: NodeJS.ProcessEnv): ServiceProcess {
  const main = join(import.meta.dirname, '..', '..', 'services', name, 'src', 'main.ts');
  const child: ChildProcessByStdio<null, Readable, Readable> = spawn(process.execPath, [main], {
    env: { ...compileCache(), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log: LogLine[] = [];
  const waiting = new Set<() => void>();
  let errors = '';
  child.stderr.on('data', (text) => {
    errors += text;
  });
  createInterface(child.stdout).on('line', (line) => {
    log.push(JSON.parse(line));
    for (const look of waiting) look();
  });
  const exited = once(child, 'close').then(([code]) => code as number | null);

  function logged(message: string): Promise<LogLine> {
    const { promise, resolve, reject } = Promise.withResolvers<LogLine>();
    const look = () => {
      const line = log.find(({ msg }) => msg === message);
      if (!line) return;
      waiting.delete(look);
      resolve(line);
    };
    waiting.add(look);
    look();
    exited.then(() =>
      reject(new Error(`It ended without logging "${message}": ${errors}${JSON.stringify(log)}`)),
    );
    return promise;
  }

  return {
    pid: child.pid ?? 0,
    logged,
    log,
    errors: () => errors,
    signal: (name) => child.kill(name),
    exited,
  };
}
