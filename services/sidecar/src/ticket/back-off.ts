/**
 * Milliseconds to wait after the n-th failure in a row (from 1): doubles from 1 s to 60 s, minus a random share of up
 * to half, so that many sidecars do not retry at the same moment. The first wait is a full second.
 * @param chance a number from 0 up to 1
 */
export function backOff(failures: number, chance: number): number {
  const full = Math.min(60_000, 1000 * 2 ** (failures - 1));
  return Math.max(1000, full * (1 - chance / 2));
}
