import { setTimeout as delay } from 'node:timers/promises';

/**
 * How long to wait for an event that normally happens, such as the start of a process, in milliseconds. A slow and busy
 * machine takes far longer than usual; a wait beyond this limit means that the event will not happen. The limit is
 * shorter than the tests' own time limits, so that its error is the one that is reported.
 */
export const patience = 100_000;

/**
 * Polls a condition until it holds or the time is over.
 *
 * @param milliseconds how long to try
 * @param condition checked immediately, then every `intervalMilliseconds`
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
