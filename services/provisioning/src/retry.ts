import { setTimeout as delay } from 'node:timers/promises';
import type { Progress } from './progress.ts';

export interface RetryOptions {
  /** Whether an error is temporary; `elapsed` is the number of milliseconds since the first attempt. */
  readonly when: (error: unknown, elapsed: number) => boolean;
  /** Milliseconds after which the last error is thrown. */
  readonly limit: number;
  /** Milliseconds of the first pause; each further pause doubles, up to twenty times the first. */
  readonly pause?: number;
  /** Receives what is waited for and why: at the first failure, and then at most once in half a minute. */
  readonly waiting?: { readonly progress: Progress; readonly what: string };
}

/** Milliseconds between two lines of progress. */
const lineInterval = 30_000;

/** Repeats an idempotent operation while it fails with temporary errors. */
export async function retry<Result>(
  operation: () => Promise<Result>,
  { when, limit, pause = 250, waiting }: RetryOptions,
): Promise<Result> {
  const begin = performance.now();
  let nextLine = 0;
  for (let wait = pause; ; wait = Math.min(wait * 2, pause * 20)) {
    try {
      return await operation();
    } catch (error) {
      const elapsed = performance.now() - begin;
      if (!when(error, elapsed) || elapsed + wait > limit) throw error;
      if (waiting && elapsed >= nextLine) {
        nextLine = elapsed + lineInterval;
        waiting.progress(
          `${waiting.what}: not yet (${reason(error)}), ${Math.round(elapsed / 1000)} s so far.`,
        );
      }
      await delay(wait);
    }
  }
}

function reason(error: unknown): string {
  const { name, message } = error as Error;
  return `${name}: ${message}`.replaceAll(/\s+/g, ' ').replace(/[.:\s]+$/, '');
}
