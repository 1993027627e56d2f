import { expect, test } from 'vitest';
import { mayRestart } from './restart-policy.ts';

const policy = { Enabled: true, IgnoredExitCodes: [0, 78], RestartAttemptPeriod: 60 };

test.each([
  ['without a policy', undefined, { exitCode: 1, ranSeconds: 100 }, false],
  ['with a policy that is off', { ...policy, Enabled: false }, { exitCode: 1, ranSeconds: 100 }, false],
  ['after an ignored exit code', policy, { exitCode: 78, ranSeconds: 100 }, false],
  ['before the period is over', policy, { exitCode: 137, ranSeconds: 59 }, false],
  ['after the period', policy, { exitCode: 137, ranSeconds: 60 }, true],
])('%s', (_, given, end, expected) => {
  expect(mayRestart(given, end)).toBe(expected);
});
