import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { logTail, startProcess } from '../../../local/processes/managed-process.ts';
import { within } from '../../../local/processes/within.ts';

export interface RawLoop {
  /** Queries five albums `count` times in total, by `callers` concurrent callers. */
  run(count: number, callers: number): Promise<void>;
  stop(): void;
}

/** @throws Error if it cannot log in within 20 s */
export async function startRawLoop(environment: NodeJS.ProcessEnv): Promise<RawLoop> {
  const child = fork(join(import.meta.dirname, 'raw-loop.ts'), { env: environment });
  let ended: Error | undefined;
  let onEnd: ((error: Error) => void) | undefined;
  child.once('exit', () => {
    ended = new Error('The raw query loop ended unexpectedly.');
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
  stop(): Promise<void>;
}

/**
 * Runs the web service from its entry point, with its log in a file.
 *
 * @throws Error if it is not ready within 20 s
 */
export async function startWebTask(
  name: string,
  environment: NodeJS.ProcessEnv,
  stateDirectory: string,
): Promise<WebTask> {
  const main = join(import.meta.dirname, '../../../services/web/src/main.ts');
  const web = await startProcess({
    name,
    command: process.execPath,
    args: [main],
    environment,
    stateDirectory,
  });
  const host = String(environment.HOST);
  const port = Number(environment.PORT);
  const ready = async () =>
    (await fetch(`http://${host}:${port}/readyz`).catch(() => undefined))?.ok === true;
  if (!(await within(20_000, ready))) {
    await web.stop();
    throw new Error(`The web service is not ready: ${logTail(web.logFile)}`);
  }
  return { host, port, stop: () => web.stop() };
}
