import { setTimeout as delay } from 'node:timers/promises';

export interface RetryOptions {
  /** Whether an error passes with time. */
  readonly when: (error: unknown) => boolean;
  /** Milliseconds after which the last error is thrown. */
  readonly limit: number;
  /** Milliseconds of the first pause, doubled for each further one up to twenty times itself. */
  readonly pause?: number;
}

/** Repeats an operation that may be repeated, while it fails with an error that passes. */
export async function retry<Result>(
  operation: () => Promise<Result>,
  { when, limit, pause = 250 }: RetryOptions,
): Promise<Result> {
  const deadline = performance.now() + limit;
  for (let wait = pause; ; wait = Math.min(wait * 2, pause * 20)) {
    try {
      return await operation();
    } catch (error) {
      if (!when(error) || performance.now() + wait > deadline) throw error;
      await delay(wait);
    }
  }
}
