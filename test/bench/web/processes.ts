import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { within } from '../../../local/processes/within.ts';

export interface RawLoop {
  /** Asks for five albums so many times, by so many callers at once. */
  run(count: number, callers: number): Promise<void>;
  stop(): void;
}

/** @throws Error when it cannot log in within 20 s */
export async function startRawLoop(environment: NodeJS.ProcessEnv): Promise<RawLoop> {
  const child = fork(join(import.meta.dirname, 'raw-loop.ts'), { env: environment });
  let ended: Error | undefined;
  let onEnd: ((error: Error) => void) | undefined;
  child.once('exit', () => {
    ended = new Error('The raw query loop ended by itself.');
    onEnd?.(ended);
  });
  const message = async (signal?: AbortSignal) => {
    if (ended) throw ended;
    const { promise, reject } = Promise.withResolvers<never>();
    onEnd = reject;
    await Promise.race([once(child, 'message', signal ? { signal } : {}), promise]);
  };
  await message(AbortSignal.timeout(20_000));
  return {
    run(count, callers) {
      child.send({ count, callers });
      return message();
    },
    stop: () => void child.kill(),
  };
}

export interface WebTask {
  readonly host: string;
  readonly port: number;
  stop(): void;
}

/**
 * The web service by its entry point, its log in a file.
 *
 * @throws Error when it is not ready within 20 s
 */
export async function startWebTask(environment: NodeJS.ProcessEnv, logFile: string): Promise<WebTask> {
  const log = openSync(logFile, 'a');
  const main = join(import.meta.dirname, '../../../services/web/src/main.ts');
  const child = spawn(process.execPath, [main], { env: environment, stdio: ['ignore', log, log] });
  const host = String(environment.HOST);
  const port = Number(environment.PORT);
  const ready = async () =>
    (await fetch(`http://${host}:${port}/readyz`).catch(() => undefined))?.ok === true;
  if (!(await within(20_000, ready))) {
    child.kill('SIGKILL');
    throw new Error(`The web service is not ready: ${logFile} tells why.`);
  }
  return { host, port, stop: () => void child.kill('SIGKILL') };
}
