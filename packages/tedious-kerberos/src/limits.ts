import { shown } from './parameters/data-type.ts';

/** The longest that one timer of Node.js takes; it takes a longer one for 1 ms. */
export const longestTimer = 0x7fffffff;

/**
 * Calls back after so many milliseconds, however many: never for `Infinity`. What has arrived by then is heard before:
 * of a process that was held up, timers come ahead of what it could have read in time.
 *
 * @returns what stops it
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
 * A time limit as it was given, if it is one: a number above 0, or `Infinity` for no limit.
 *
 * @throws RangeError that names the setting, its value and what is allowed
 */
export function checkedLimit(name: string, milliseconds: number): number {
  if (typeof milliseconds === 'number' && milliseconds > 0) return milliseconds;
  throw new RangeError(
    `"${name}" must be a number of milliseconds above 0, or Infinity for no limit, not ${shown(milliseconds)}.`,
  );
}
