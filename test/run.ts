// `npm test`: types, lint and synth with cdk-nag, side by side, then every test that needs no container engine.
// `npm test -- PATTERN…` runs the tests whose path matches, and nothing else.
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { watchOutput } from '../lib/operator/output.ts';
import { type Check, lint, runBesideEachOther, runChecks, testCounts, types } from './check.ts';
import { withSuites } from './suites.ts';

// Nobody reads on, as when `head` has ended: what runs is ended, too.
watchOutput(() => process.exit(1));

const patterns = process.argv.slice(2).flatMap((pattern) => withSuites(pattern));
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
  timeLimit: 2400,
};
const synth: Check = {
  title: 'Synth and cdk-nag',
  command: 'node',
  args: ['--disable-warning=ExperimentalWarning', 'test/synth.ts'],
  timeLimit: 900,
};

// Tests start programs some thousand times, and compiling took a third of that.
process.env.NODE_COMPILE_CACHE = resolve('.state/compile-cache');
// They run side by side and keep all processors busy: threads of their own to compile and to collect garbage cost a quarter
// more processor time, and win none.
process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ''} --v8-pool-size=1`.trim();
// esbuild and tsc, which are written in Go, are started some forty times: with more garbage before it is collected, each
// takes a tenth of its processor time less, and a tenth more memory.
process.env.GOGC ??= '400';
// The numbers of an earlier run must not pass for this one's.
await rm(report, { force: true });
const failed = [
  ...(patterns.length > 0 ? [] : await runBesideEachOther([types, lint, synth])),
  ...(await runChecks([tests])),
];
const counts = await testCounts(report);
if (failed.length > 0) console.log(`\nFailed: ${failed.join(', ')}.`);
console.log(`\n${counts.passed} passed, ${Math.max(counts.failed, failed.length)} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;
