import { setTimeout as delay } from 'node:timers/promises';

export interface PollOptions {
  /** Between two attempts. */
  readonly intervalSeconds: number;
  /** When to give up, even during an attempt. */
  readonly limitSeconds: number;
  /** What is awaited, for the message when time runs out. */
  readonly what: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Calls `look` repeatedly until it returns a value.
 *
 * @param look returns undefined while there is nothing yet; an attempt that hangs is abandoned when time runs out
 * @throws Error when time runs out
 */
export async function poll<Value>(
  { intervalSeconds, limitSeconds, what, signal }: PollOptions,
  look: () => Promise<Value | undefined>,
): Promise<Value> {
  const over = new AbortController();
  const signals = AbortSignal.any([over.signal, ...(signal ? [signal] : [])]);
  const timer = delay(limitSeconds * 1000, undefined, { signal: signals }).then(() => {
    throw new Error(`${what}: timed out after ${limitSeconds} s.`);
  });
  // The race reports the timer's failure; once the race is over, the failure no longer matters.
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
