/**
 * Limits the number of concurrent native calls. A call that waits for an unreachable KDC cannot be interrupted, and blocks
 * one of libuv's few threads (4 by default), which DNS lookups and file access need too.
 */
export interface CallLimit {
  /** @throws the signal's reason when it is aborted before the call's turn comes */
  run<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T>;
}

/** @param max number of concurrent calls; at least 1 */
export function callLimit(max: number): CallLimit {
  const waiting: (() => void)[] = [];
  let running = 0;

  async function turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (running < max) {
      running += 1;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onAbort = () => {
      waiting.splice(waiting.indexOf(resolve), 1);
      reject(signal.reason);
    };
    waiting.push(resolve);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  return {
    async run(signal, call) {
      await turn(signal);
      try {
        return await call();
      } finally {
        const next = waiting.shift();
        if (next) next();
        else running -= 1;
      }
    },
  };
}

/** Half of libuv's threads, so that the other half stays free; at least 1. */
export function defaultCallLimit(threads = Number(process.env.UV_THREADPOOL_SIZE) || 4): number {
  return Math.max(1, Math.floor(threads / 2));
}
