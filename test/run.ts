// `npm test`: types, lint and synth with cdk-nag, then every test that needs no container engine.
// `npm test -- PATTERN…` runs only the tests whose path matches.
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { watchOutput } from '../lib/operator/output.ts';
import { type Check, lint, runChecks, runInParallel, testCounts, types } from './check.ts';
import { shareMadeOnce } from './made-once.ts';
import { projects, reportsOf, testsOf } from './projects.ts';
import { withSuites } from './suites.ts';

// If the reader of our output goes away (`| head`), stop what is running.
watchOutput(() => process.exit(1));

const patterns = process.argv.slice(2).flatMap((pattern) => withSuites(pattern));

const synth: Check = {
  title: 'Synth and cdk-nag',
  command: 'node',
  args: ['--disable-warning=ExperimentalWarning', 'test/synth.ts'],
  timeLimit: 900,
};

// Tests start programs some thousand times, and compiling took a third of that time.
process.env.NODE_COMPILE_CACHE = resolve('.state/compile-cache');
// Tests run in parallel and keep all processors busy: extra threads for compilation and garbage collection cost a quarter
// more processor time, and save none.
process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ''} --v8-pool-size=1`.trim();
// esbuild and tsc, which are written in Go, are started some forty times. If they collect garbage less often, each uses a
// tenth less processor time, and a tenth more memory.
process.env.GOGC ??= '400';

// Unit tests compute, and end-to-end tests mostly wait, so the two projects run side by side. A pattern may match tests of
// one project only, which vitest refuses to run for the other.
const runs = patterns.length > 0 ? [projects] : projects.map((project) => [project]);
// Results of an earlier run must not pass for those of this one.
for (const run of runs) await rm(reportsOf(run).json, { force: true });

const tests = runs.map((run) => testsOf(run, patterns));
using _ = shareMadeOnce();
const failed =
  patterns.length > 0
    ? await runChecks(tests)
    : [...(await runInParallel([types, lint, synth])), ...(await runInParallel(tests, 'lines'))];
const counts = await Promise.all(runs.map((run) => testCounts(reportsOf(run).json)));
const passedTests = counts.reduce((sum, { passed }) => sum + passed, 0);
const failedTests = counts.reduce((sum, count) => sum + count.failed, 0);
if (failed.length > 0) console.log(`\nFailed: ${failed.join(', ')}.`);
console.log(`\n${passedTests} passed, ${Math.max(failedTests, failed.length)} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;
