const everyMilliseconds = 20;

/**
 * Watches how late this process comes to its work.
 *
 * @returns what gives that in milliseconds, on average of the last tenth of a second or so: how long a request has been
 *   waiting before the process knows of it
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
