/**
 * How far a clock is ahead of another that was asked for its time.
 *
 * @param time what the other has told, in milliseconds, as all of these
 * @param asked what our clock showed when the question went out
 * @param answered and when the answer was here
 * @returns milliseconds, negative for a clock that is behind, 0 where the time lies between question and answer: a slow
 *   answer makes no clock wrong
 */
export function clockAhead(time: number, asked: number, answered: number): number {
  if (time < asked) return asked - time;
  return time > answered ? answered - time : 0;
}

/** Whether a difference in milliseconds can be seen at all: KDCs may tell whole seconds. */
export function isNoticeable(ahead: number): boolean {
  return Math.round(Math.abs(ahead) / 1000) > 2;
}

/** The difference in words that go before "the clock of …". */
export function clockDifference(ahead: number): string {
  if (!isNoticeable(ahead)) return 'equal to';
  return `${Math.round(Math.abs(ahead) / 1000)} seconds ${ahead < 0 ? 'behind' : 'ahead of'}`;
}
