import { setTimeout as delay } from 'node:timers/promises';

/**
 * How long to wait for what is sure to come, in milliseconds: for a process to start, or to tell something. On a machine
 * that is slow and busy that takes far longer than usual; a wait that is longer still is for something that does not come.
 * It is less than what the tests' own time limits leave, so that it is the reason that is told.
 */
export const patience = 100_000;

/**
 * Polls a condition until it holds or the time is over.
 *
 * @param milliseconds how long to try
 * @param condition tried at once, then every `intervalMilliseconds`
 * @returns whether the condition held in time
 */
export async function within(
  milliseconds: number,
  condition: () => boolean | Promise<boolean>,
  intervalMilliseconds = 25,
): Promise<boolean> {
  const deadline = performance.now() + milliseconds;
  for (;;) {
    if (await condition()) return true;
    if (performance.now() > deadline) return false;
    await delay(intervalMilliseconds);
  }
}
