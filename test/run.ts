// `npm test`: types, lint, synth with cdk-nag, then every test that needs no container engine.
// `npm test -- PATTERN…` runs the tests whose path matches, and nothing else.
import { readFile, rm } from 'node:fs/promises';
import { type Check, lint, runChecks, types } from './check.ts';

const patterns = process.argv.slice(2);
const report = '.state/reports/vitest.json';

const tests: Check = {
  title: 'Tests',
  command: 'vitest',
  args: [
    'run',
    '--project=unit',
    '--project=e2e',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    '--reporter=junit',
    '--outputFile.junit=.state/reports/junit.xml',
    ...patterns,
  ],
  timeLimit: 900,
};
const synth: Check = {
  title: 'Synth and cdk-nag',
  command: 'node',
  args: ['--disable-warning=ExperimentalWarning', 'test/synth.ts'],
  timeLimit: 180,
};

// The numbers of an earlier run must not pass for this one's.
await rm(report, { force: true });
const failed = await runChecks(patterns.length > 0 ? [tests] : [types, lint, synth, tests]);
const { numPassedTests, numFailedTests } = await counts();
if (failed.length > 0) console.log(`\nFailed: ${failed.join(', ')}.`);
console.log(`\n${numPassedTests} passed, ${Math.max(numFailedTests, failed.length)} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;

/** What the tests' report says; a run that was cut off at its time limit has written none. */
async function counts(): Promise<{ numPassedTests: number; numFailedTests: number }> {
  const text = await readFile(report, 'utf8').catch(() => undefined);
  return text === undefined ? { numPassedTests: 0, numFailedTests: 1 } : JSON.parse(text);
}
