import { setTimeout as delay } from 'node:timers/promises';

export interface PollOptions {
  /** Between two looks. */
  readonly intervalSeconds: number;
  /** After which it is given up. */
  readonly limitSeconds: number;
  /** What is waited for, for the sentence when the time is over. */
  readonly what: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Looks again and again until there is something.
 *
 * @param look returns undefined while there is nothing yet
 * @throws {Error} when the time is over
 */
export async function poll<Value>(
  { intervalSeconds, limitSeconds, what, signal }: PollOptions,
  look: () => Promise<Value | undefined>,
): Promise<Value> {
  const end = performance.now() + limitSeconds * 1000;
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    if (performance.now() + intervalSeconds * 1000 > end) {
      throw new Error(`${what}: not there after ${limitSeconds} s.`);
    }
    await delay(intervalSeconds * 1000, undefined, { signal });
  }
}
