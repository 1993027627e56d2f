/**
 * How far our clock is ahead of another clock that was asked for its time.
 *
 * @param time the time that the other clock reported, in milliseconds (as are all of these)
 * @param asked the time on our clock when the request was sent
 * @param answered the time on our clock when the response arrived
 * @returns milliseconds; negative if our clock is behind; 0 if the reported time lies between request and response, so that
 *   a slow response does not count as a difference
 */
export function clockAhead(time: number, asked: number, answered: number): number {
  if (time < asked) return asked - time;
  return time > answered ? answered - time : 0;
}

/** Whether a difference in milliseconds is significant, given that KDCs may report whole seconds only. */
export function isNoticeable(ahead: number): boolean {
  return Math.round(Math.abs(ahead) / 1000) > 2;
}

/** The difference in words, to be followed by "the domain controller's" or the like. */
export function clockDifference(ahead: number): string {
  if (!isNoticeable(ahead)) return 'equal to';
  return `${Math.round(Math.abs(ahead) / 1000)} seconds ${ahead < 0 ? 'behind' : 'ahead of'}`;
}
