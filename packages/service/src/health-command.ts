import type { FoundVariables } from '@packages/contracts';
import type { WorkerEnvironment } from './worker/settings.ts';

/** A container's health command: exits with 0 if the address answers with a 2xx status, otherwise 1, and prints one line. */
export async function askHealth(address: string): Promise<void> {
  try {
    const { status, ok } = await fetch(address, { signal: AbortSignal.timeout(3000) });
    console.log(`${address} answers ${status}`);
    process.exitCode = ok ? 0 : 1;
  } catch (error) {
    console.log(`${address} does not answer: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}

/** The port on which a worker answers its health command, unless HEALTH_PORT is set. */
export const healthPort = 8080;

/** The health command of a worker: checks that rounds still begin. */
export async function askWorker(variables: FoundVariables<WorkerEnvironment>): Promise<void> {
  await askHealth(workerAddress(variables));
}

/** The address on which a worker with these variables answers. */
export function workerAddress({
  HEALTH_PORT,
}: Pick<FoundVariables<WorkerEnvironment>, 'HEALTH_PORT'>): string {
  return `http://127.0.0.1:${HEALTH_PORT || healthPort}/`;
}
