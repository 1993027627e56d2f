import { setTimeout as delay } from 'node:timers/promises';

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
