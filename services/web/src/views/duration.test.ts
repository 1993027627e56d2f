import { expect, test } from 'vitest';
import { formatDuration, formatMoment } from './duration.ts';

test.for([
  [0, '0 s'],
  [59, '59 s'],
  [60, '1 min'],
  [3599, '59 min 59 s'],
  [3600, '1 h'],
  [34_890, '9 h 41 min'],
  [86_400, '1 d'],
  [604_799, '6 d 23 h'],
] as const)('%i s is %s', ([seconds, words]) => {
  expect(formatDuration(seconds)).toBe(words);
});

test('a moment is shown in UTC, whatever the time zone of the machine', () => {
  expect(formatMoment(new Date('2026-11-24T18:05:59Z'))).toBe('24 Nov 2026, 18:05 UTC');
});
