import { after } from '../limits.ts';
import { PoolError } from './pool-error.ts';

interface Caller<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

/** A queue of callers in order of arrival, each with its own time limit and signal. */
export class WaitingCallers<T> {
  readonly #callers = new Set<Caller<T>>();

  get count(): number {
    return this.#callers.size;
  }

  /**
   * Waits for the caller's turn.
   *
   * @param onLeave called when the caller leaves before its turn
   * @throws PoolError `POOL_TIMEOUT` when the time is up, `CANCELED` when the signal is aborted
   */
  join(milliseconds: number, signal: AbortSignal | undefined, onLeave: () => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const leave = (error: PoolError) => {
        if (!this.#callers.has(caller)) return;
        settle(() => reject(error));
        onLeave();
      };
      const settle = (tell: () => void) => {
        this.#callers.delete(caller);
        stopClock();
        signal?.removeEventListener('abort', onAbort);
        tell();
      };
      const onAbort = () => leave(canceled(signal as AbortSignal));
      const stopClock = after(milliseconds, () =>
        leave(new PoolError('POOL_TIMEOUT', `No connection became free in ${milliseconds} ms.`)),
      );
      const caller: Caller<T> = {
        resolve: (value) => settle(() => resolve(value)),
        reject: (error) => settle(() => reject(error)),
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#callers.add(caller);
    });
  }

  /** @returns whether a caller was waiting */
  serveNext(value: T): boolean {
    const [next] = this.#callers;
    next?.resolve(value);
    return next !== undefined;
  }

  refuseNext(error: unknown): void {
    const [next] = this.#callers;
    next?.reject(error);
  }

  refuseAll(error: () => unknown): void {
    for (const caller of [...this.#callers]) caller.reject(error());
  }
}

export function canceled(signal: AbortSignal): PoolError {
  return new PoolError('CANCELED', 'The caller stopped waiting for a connection.', { cause: signal.reason });
}
