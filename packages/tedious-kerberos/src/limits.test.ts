import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { after, checkedLimit } from './limits.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test.each([1, 1000, 2 ** 31 - 1, 2 ** 31, 90 * 86_400_000])(
  'a limit of %d ms ends after that time, not before',
  (milliseconds) => {
    const callback = vi.fn();
    after(milliseconds, callback);
    vi.advanceTimersByTime(milliseconds - 1);
    expect(callback).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    vi.advanceTimersToNextTimer(); // what has arrived is heard first
    expect(callback).toHaveBeenCalledOnce();
  },
);

test('an infinite limit does not end, and sets no timer', () => {
  after(Number.POSITIVE_INFINITY, vi.fn());
  expect(vi.getTimerCount()).toBe(0);
});

test.each([5, 2 ** 32])('a stopped timer of %d ms does not call back', (milliseconds) => {
  const callback = vi.fn();
  const stop = after(milliseconds, callback);
  vi.advanceTimersByTime(milliseconds - 1);
  stop();
  vi.advanceTimersByTime(milliseconds);
  expect(callback).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});

test.each([0, -1, Number.NaN, '5', undefined])('%s is not a limit', (value) => {
  expect(() => checkedLimit('timeoutMilliseconds', value as number)).toThrow(
    /"timeoutMilliseconds" must be a number of milliseconds above 0, or Infinity/,
  );
});

test('a number given as a string is shown as a string', () => {
  expect(() => checkedLimit('timeoutMilliseconds', '5' as unknown as number)).toThrow(/, not "5"\.$/);
});
