import { setTimeout as delay } from 'node:timers/promises';

export interface PollOptions {
  /** Between two looks. */
  readonly intervalSeconds: number;
  /** After which it is given up, also while a look is under way. */
  readonly limitSeconds: number;
  /** What is waited for, for the sentence when the time is over. */
  readonly what: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Looks again and again until there is something.
 *
 * @param look returns undefined while there is nothing yet; a look that hangs is left alone when the time is over
 * @throws Error when the time is over
 */
export async function poll<Value>(
  { intervalSeconds, limitSeconds, what, signal }: PollOptions,
  look: () => Promise<Value | undefined>,
): Promise<Value> {
  const over = new AbortController();
  const signals = AbortSignal.any([over.signal, ...(signal ? [signal] : [])]);
  const timer = delay(limitSeconds * 1000, undefined, { signal: signals }).then(() => {
    throw new Error(`${what}: not there after ${limitSeconds} s.`);
  });
  // Whoever waits sees its failure; when nobody does any more, it is of no concern.
  timer.catch(() => undefined);
  try {
    for (;;) {
      const value = await Promise.race([look(), timer]);
      if (value !== undefined) return value;
      await Promise.race([delay(intervalSeconds * 1000, undefined, { signal: signals }), timer]);
    }
  } finally {
    over.abort();
  }
}
