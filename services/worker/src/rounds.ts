import { setTimeout as delay } from 'node:timers/promises';

export interface RoundsOptions {
  /** The work of one round; it ends by itself, by its own time limits. */
  readonly work: () => Promise<void>;
  /** Told why a round failed; the next one comes all the same. */
  readonly failed: (error: unknown) => void;
  readonly restSeconds: number;
  /** Ends the rounds: the one under way is finished. */
  readonly signal: AbortSignal;
}

/** Works and rests in turns until told to stop. Never rejects. */
export async function rounds({ work, failed, restSeconds, signal }: RoundsOptions): Promise<void> {
  while (!signal.aborted) {
    await work().catch(failed);
    await delay(restSeconds * 1000, undefined, { signal }).catch(() => {});
  }
}
