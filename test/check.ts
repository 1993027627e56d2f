import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { execa } from 'execa';

/** A command that must succeed, with a title. */
export interface Check {
  readonly title: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Seconds after which the check counts as failed. */
  readonly timeLimit: number;
}

/**
 * The numbers of passed and failed tests in vitest's JSON report. A run that was cut off has written no report and
 * counts as one failure.
 */
export async function testCounts(report: string): Promise<{ passed: number; failed: number }> {
  const text = await readFile(report, 'utf8').catch(() => undefined);
  if (text === undefined) return { passed: 0, failed: 1 };
  const { numPassedTests, numFailedTests } = JSON.parse(text);
  return { passed: numPassedTests, failed: numFailedTests };
}

/**
 * Runs checks one after the other with their output on ours. Continues after a failure, so that one run shows all.
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
 * Runs checks in parallel.
 *
 * @param output 'whole': the output of each is shown after it has ended; 'lines': lines of all are shown as they are written
 * @returns the titles of those that failed
 */
export async function runInParallel(
  checks: readonly Check[],
  output: 'whole' | 'lines' = 'whole',
): Promise<string[]> {
  const outcomes = await Promise.all(checks.map((check) => run(check, output)));
  return checks.filter((_, index) => !outcomes[index]?.passed).map(({ title }) => title);
}

// biome-ignore lint/correctness/useYield: execa calls a generator for each line; this one keeps no line in memory
function* showLine(line: unknown): Generator<never> {
  console.log(line);
}

/** @param output 'inherit': shown as it is written, control sequences included; otherwise as of `runInParallel` */
async function run(
  { title, command, args, timeLimit }: Check,
  output: 'inherit' | 'whole' | 'lines',
): Promise<{ passed: boolean }> {
  const started = performance.now();
  const stream = { inherit: 'inherit', whole: 'pipe', lines: showLine } as const;
  const result = await execa(command, args, {
    stdin: 'inherit',
    stdout: stream[output],
    stderr: stream[output],
    all: output === 'whole',
    reject: false,
    timeout: timeLimit * 1000,
    forceKillAfterDelay: 5000,
  });
  if (output === 'whole') console.log(`\n— ${title}${result.all ? `\n${result.all}` : ''}`);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const reason = result.timedOut
    ? `no end after ${timeLimit} s`
    : result.exitCode !== undefined
      ? `exit code ${result.exitCode}`
      : // A process that the kernel kills for lack of memory prints nothing itself.
        (result.signal ?? result.originalMessage);
  console.log(`${title}: ${result.failed ? `failed (${reason})` : 'passed'} in ${seconds} s`);
  return { passed: !result.failed };
}

/**
 * Each checker of the compiler repeats the work that it shares with the others. Four of them, the default of tsc, cost
 * twice the processor time of one, and save no time on two processors.
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
