import type { FoundVariables } from '@packages/contracts';
import type { WorkerEnvironment } from './worker/settings.ts';

/** A container's health command: ends with 0 when the address answers with success, with 1 when not; one line says which. */
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

/** Where a worker answers its health command, unless HEALTH_PORT says otherwise. */
export const healthPort = 8080;

/** The health command of a worker: whether rounds still begin. */
export async function askWorker(variables: FoundVariables<WorkerEnvironment>): Promise<void> {
  await askHealth(workerAddress(variables));
}

/** Where the worker with these variables answers. */
export function workerAddress({
  HEALTH_PORT,
}: Pick<FoundVariables<WorkerEnvironment>, 'HEALTH_PORT'>): string {
  return `http://127.0.0.1:${HEALTH_PORT || healthPort}/`;
}
