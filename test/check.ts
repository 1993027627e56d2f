import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { execa } from 'execa';

/** One command that must succeed, and what a person calls it. */
export interface Check {
  readonly title: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Seconds after which the check counts as failed. */
  readonly timeLimit: number;
}

/**
 * How many tests vitest's JSON report says have passed and failed; a run that was cut off has written none, and counts as
 * one failure.
 */
export async function testCounts(report: string): Promise<{ passed: number; failed: number }> {
  const text = await readFile(report, 'utf8').catch(() => undefined);
  if (text === undefined) return { passed: 0, failed: 1 };
  const { numPassedTests, numFailedTests } = JSON.parse(text);
  return { passed: numPassedTests, failed: numFailedTests };
}

/**
 * Runs checks one after the other, their output on our own, and goes on after a failure so that one run shows all.
 *
 * @returns the titles of those that failed
 */
export async function runChecks(checks: readonly Check[]): Promise<string[]> {
  const failed: string[] = [];
  for (const check of checks) {
    console.log(`\n— ${check.title}`);
    if (!(await run(check, 'inherit')).passed) failed.push(check.title);
  }
  return failed;
}

/**
 * Runs checks side by side. What each says is shown when it has ended, as a whole.
 *
 * @returns the titles of those that failed
 */
export async function runBesideEachOther(checks: readonly Check[]): Promise<string[]> {
  const outcomes = await Promise.all(checks.map((check) => run(check, 'pipe')));
  return checks.filter((_, index) => !outcomes[index]?.passed).map(({ title }) => title);
}

/** @param output ours as it comes, or ours when the check has ended, below its title */
async function run(
  { title, command, args, timeLimit }: Check,
  output: 'inherit' | 'pipe',
): Promise<{ passed: boolean }> {
  const started = performance.now();
  const result = await execa(command, args, {
    stdin: 'inherit',
    stdout: output,
    stderr: output,
    all: output === 'pipe',
    reject: false,
    timeout: timeLimit * 1000,
    forceKillAfterDelay: 5000,
  });
  if (output === 'pipe') console.log(`\n— ${title}${result.all ? `\n${result.all}` : ''}`);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const reason = result.timedOut
    ? `no end after ${timeLimit} s`
    : result.exitCode !== undefined
      ? `exit code ${result.exitCode}`
      : // What the system ends for want of memory says nothing itself.
        (result.signal ?? result.originalMessage);
  console.log(`${title}: ${result.failed ? `failed (${reason})` : 'passed'} in ${seconds} s`);
  return { passed: !result.failed };
}

/**
 * Each checker of the compiler works out anew what it shares with the others: four of them, as tsc takes, cost double the
 * processor time of one, and on two processors no less time.
 */
const checkers = ['--checkers', String(Math.max(1, Math.min(4, Math.floor(availableParallelism() / 2))))];

export const types: Check = {
  title: 'Types',
  command: 'tsc',
  args: ['--noEmit', '-p', 'tsconfig.json', ...checkers],
  timeLimit: 900,
};

export const lint: Check = {
  title: 'Lint and format',
  command: 'biome',
  args: ['check', '--error-on-warnings'],
  timeLimit: 900,
};
