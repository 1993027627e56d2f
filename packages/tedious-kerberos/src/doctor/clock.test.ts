import { expect, test } from 'vitest';
import { clockAhead, clockDifference, isNoticeable } from './clock.ts';

test.each([
  ['before the question', 1_000, 5_000, 6_000, 4_000],
  ['with the question', 5_000, 5_000, 6_000, 0],
  ['in between', 5_500, 5_000, 6_000, 0],
  ['with the answer', 6_000, 5_000, 6_000, 0],
  ['after the answer', 9_000, 5_000, 6_000, -3_000],
  ['in between, of an answer that took a minute', 5_000, 5_000, 65_000, 0],
])('a time %s', (_, time, asked, answered, ahead) => {
  expect(clockAhead(time, asked, answered)).toBe(ahead);
});

test.each([
  [0, 'equal to'],
  [-1_000, 'equal to'],
  [2_499, 'equal to'],
  [2_500, '3 seconds ahead of'],
  [-2_501, '3 seconds behind'],
  [600_000, '600 seconds ahead of'],
])('%i ms are %j', (ahead, words) => {
  expect(clockDifference(ahead)).toBe(words);
  expect(isNoticeable(ahead)).toBe(words !== 'equal to');
});
