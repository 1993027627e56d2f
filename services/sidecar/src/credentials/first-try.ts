import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../signals/log.ts';

export interface FirstTryOptions {
  /** The longest wait, in seconds; 0 disables it. */
  readonly spreadSeconds: number;
  readonly log: Log;
  /** A number from 0 up to 1. */
  readonly chance: () => number;
}

/**
 * Waits a random time before the first try of a password that may well be wrong.
 *
 * The sidecars of a service share one account, which its directory locks after a few refusals in a row. While a
 * password is rotated, or after a rotation that stopped half-way, the first password of the secret is wrong and the
 * second is right: each sidecar causes one refusal, and resets the counter a moment later. If twenty sidecars started
 * together, they could cause more refusals than the account may have before the first of them got to its second
 * password. Spread out, most of them finish before the next one begins.
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
