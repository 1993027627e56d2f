import { setTimeout as delay } from 'node:timers/promises';

export interface RoundsOptions {
  /** The work of one round. Its own time limits must end it. */
  readonly work: () => Promise<void>;
  /** Called with the error of a failed round. The next round follows anyway. */
  readonly failed: (error: unknown) => void;
  readonly restSeconds: number;
  /** Pause after a failed round, if shorter, so that the alarm sees a failure in every minute. Default: 20. */
  readonly retrySeconds?: number;
  /** Ends the rounds when aborted; the current round is finished first. */
  readonly signal: AbortSignal;
}

/** Alternates work and pauses until the signal is aborted. Does not reject when a round fails. */
export async function rounds({
  work,
  failed,
  restSeconds,
  retrySeconds = 20,
  signal,
}: RoundsOptions): Promise<void> {
  while (!signal.aborted) {
    let rest = restSeconds;
    await work().catch((error: unknown) => {
      rest = Math.min(restSeconds, retrySeconds);
      failed(error);
    });
    await delay(rest * 1000, undefined, { signal }).catch(() => {});
  }
}
