const everyMilliseconds = 20;

/**
 * Measures the lag of the event loop.
 *
 * @returns a function that returns the lag in milliseconds, averaged over about the last tenth of a second: how long a
 *   request has waited before the process learns of it
 */
export function eventLoopLag(): () => number {
  let lag = 0;
  let due = performance.now() + everyMilliseconds;
  setInterval(() => {
    const now = performance.now();
    lag = lag * 0.8 + Math.max(0, now - due) * 0.2;
    due = now + everyMilliseconds;
  }, everyMilliseconds).unref();
  return () => lag;
}
