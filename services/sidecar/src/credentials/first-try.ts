import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../signals/log.ts';

export interface FirstTryOptions {
  /** The longest wait, in seconds; 0 waits for nothing. */
  readonly spreadSeconds: number;
  readonly log: Log;
  /** A number from 0 up to 1. */
  readonly chance: () => number;
}

/**
 * Waits before the first try of a password that may well be wrong, each sidecar for a time of its own.
 *
 * The sidecars of a service share one account, and its directory locks it after a few refusals in a row. While a password
 * is rotated, or after a rotation that stopped half way, the first password of the secret is wrong and the second is right:
 * each sidecar makes one refusal, and sets the counter back a moment later. Twenty that start together would make more
 * refusals than an account may have before the first of them gets to its second password; with their first tries apart,
 * each is done before the next one begins.
 */
export function spreadFirstTries({ spreadSeconds, log, chance }: FirstTryOptions) {
  let isFirst = true;
  return async (signal: AbortSignal): Promise<void> => {
    if (!isFirst || spreadSeconds === 0) {
      return;
    }
    isFirst = false;
    const seconds = spreadSeconds * chance();
    log('password.delayed', { seconds: Number(seconds.toFixed(1)) });
    await delay(seconds * 1000, undefined, { signal });
  };
}
