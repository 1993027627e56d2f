import { setTimeout as delay } from 'node:timers/promises';

export interface RoundsOptions {
  /** The work of one round; it ends by itself, by its own time limits. */
  readonly work: () => Promise<void>;
  /** Told why a round failed; the next one comes all the same. */
  readonly failed: (error: unknown) => void;
  readonly restSeconds: number;
  /** The same after a round that failed, if it is shorter: the alarm counts one failure a minute. Default: 20. */
  readonly retrySeconds?: number;
  /** Ends the rounds: the one under way is finished. */
  readonly signal: AbortSignal;
}

/** Works and rests in turns until told to stop. Never rejects. */
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
