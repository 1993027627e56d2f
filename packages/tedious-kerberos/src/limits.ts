import { shown } from './parameters/data-type.ts';

/** The longest delay of a Node.js timer, in milliseconds; it treats a longer one as 1 ms. */
export const longestTimer = 0x7fffffff;

/**
 * Calls back after any number of milliseconds, even more than a timer takes; never for `Infinity`. Data that has arrived by
 * then is read first: in a process that was held up, timers run before data that it could have read in time.
 *
 * @returns a function that stops it
 */
export function after(milliseconds: number, callback: () => void): () => void {
  if (milliseconds === Number.POSITIVE_INFINITY) return () => {};
  let left = milliseconds;
  let timer: NodeJS.Timeout;
  let heard: NodeJS.Immediate | undefined;
  const next = () => {
    const part = Math.min(left, longestTimer);
    left -= part;
    timer = setTimeout(() => {
      if (left > 0) next();
      else heard = setImmediate(callback);
    }, part);
  };
  next();
  return () => {
    clearTimeout(timer);
    clearImmediate(heard);
  };
}

/**
 * Returns the given time limit if it is valid: a number above 0, or `Infinity` for no limit.
 *
 * @throws RangeError that names the setting, its value and what is allowed
 */
export function checkedLimit(name: string, milliseconds: number): number {
  if (typeof milliseconds === 'number' && milliseconds > 0) return milliseconds;
  throw new RangeError(
    `"${name}" must be a number of milliseconds above 0, or Infinity for no limit, not ${shown(milliseconds)}.`,
  );
}
