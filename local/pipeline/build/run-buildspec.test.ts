import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Buildspec, checkBuildspec } from '../../../lib/constructs/common/buildspec.ts';
import { type BuildOptions, runBuildspec } from './run-buildspec.ts';

let directory: string;
let log: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'run-buildspec-'));
  log = '';
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function run(
  phases: Buildspec['phases'],
  rest: Partial<Buildspec> = {},
  options: Partial<BuildOptions> = {},
) {
  const output = new Writable({
    write(chunk, _encoding, done) {
      log += chunk;
      done();
    },
  });
  return runBuildspec({
    buildspec: checkBuildspec({ version: 0.2, phases, ...rest }, 'test'),
    directory,
    environment: {},
    output,
    ...options,
  });
}

test('all commands of a build share one shell: directory, variables, functions', async () => {
  const result = await run(
    {
      install: {
        commands: ['mkdir inner', 'cd inner', 'PLACE=$(basename "$PWD")', 'say() { echo "said $1"; }'],
      },
      build: { commands: ['export ANSWER="$(say "$PLACE")"'] },
    },
    { env: { 'exported-variables': ['ANSWER', 'PLACE', 'UNSET'] } },
  );
  expect(result.status).toBe('SUCCEEDED');
  expect(result.exportedVariables).toEqual({ ANSWER: 'said inner', PLACE: 'inner' });
});

test('temporary files of a build are deleted with it', async () => {
  const commands = ['LEFT="$(mktemp -d)"', 'touch "$LEFT/something"', 'ls "$LEFT"'];
  const result = await run({ build: { commands } }, { env: { 'exported-variables': ['LEFT'] } });
  expect(log).toContain('\nsomething\n');
  expect(result.exportedVariables.LEFT).toMatch(/./);
  expect(existsSync(result.exportedVariables.LEFT ?? '')).toBe(false);
});

test('a build does not inherit our environment, and gets the variables of CodeBuild', async () => {
  process.env.OURS_ALONE = 'yes';
  await run(
    { build: { commands: ['env'] } },
    { env: { variables: { FROM_FILE: 'file', BOTH: 'file' } } },
    { environment: { BOTH: 'project' } },
  );
  delete process.env.OURS_ALONE;
  expect(log).not.toContain('OURS_ALONE');
  for (const line of [
    `CODEBUILD_SRC_DIR=${directory}`,
    'CODEBUILD_CI=true',
    'CODEBUILD_BUILD_SUCCEEDING=1',
    'FROM_FILE=file',
    'BOTH=project',
  ]) {
    expect(log).toContain(`${line}\n`);
  }
});

test.for(['install', 'pre_build'] as const)(
  'a failed %s skips the later phases, but not its own finally',
  async (phase) => {
    const result = await run({
      [phase]: { commands: ['false', 'echo not-here'], finally: ['echo finally-here'] },
      build: { commands: ['echo build-here'] },
      post_build: { commands: ['echo post-here'] },
    });
    expect(result.status).toBe('FAILED');
    expect(result.phases).toMatchObject([
      { phase, status: 'FAILED', message: expect.stringContaining('exit status 1') },
    ]);
    expect(log.match(/^\w+-here$/gm)).toEqual(['finally-here']);
  },
);

test('after a failed build, post_build still runs and learns of the failure; the build stays failed', async () => {
  const result = await run({
    build: { commands: ['exit 3'] },
    post_build: { commands: ['echo "succeeding: $CODEBUILD_BUILD_SUCCEEDING"'] },
  });
  expect(result.phases.map(({ phase, status }) => [phase, status])).toEqual([
    ['build', 'FAILED'],
    ['post_build', 'SUCCEEDED'],
  ]);
  expect(result.status).toBe('FAILED');
  expect(log).toContain('succeeding: 0');
});

test('on-failure: ABORT stops the build, CONTINUE continues and succeeds', async () => {
  const post = { post_build: { commands: ['true'] } };
  const aborted = await run({ build: { 'on-failure': 'ABORT', commands: ['false'] }, ...post });
  expect(aborted.phases.map(({ phase }) => phase)).toEqual(['build']);
  const continued = await run({
    pre_build: { 'on-failure': 'CONTINUE', commands: ['false'] },
    build: { commands: ['true'] },
  });
  expect(continued.phases.map(({ phase }) => phase)).toEqual(['pre_build', 'build']);
  expect(continued.status).toBe('SUCCEEDED');
});

test('reports are collected even after a failure, artifacts only after a success', async () => {
  writeFileSync(join(directory, 'junit.xml'), '<testsuites/>');
  const rest: Partial<Buildspec> = {
    reports: { unit: { files: 'junit.xml', 'file-format': 'JUNITXML' } },
    artifacts: { 'base-directory': 'out', files: '**/*' },
  };
  const failed = await run({ build: { commands: ['mkdir -p out/a && touch out/a/b', 'false'] } }, rest);
  expect(failed.reports.unit?.files).toEqual(['junit.xml']);
  expect(failed.artifacts).toEqual({});
  const succeeded = await run({ build: { commands: ['true'] } }, rest);
  expect(succeeded.artifacts['']?.files).toEqual(['a/b']);
  await expect(run({ build: { commands: ['true'] } }, { artifacts: { files: 'nothing/*' } })).rejects.toThrow(
    'no matching artifact paths found',
  );
});

test('a build that exceeds its time limit is killed with all its processes', async () => {
  const pidFile = join(directory, 'pid');
  const result = await run(
    { build: { commands: [`sleep 300 & echo $! > ${pidFile}; wait`] }, post_build: { commands: ['true'] } },
    {},
    { timeLimit: 5 },
  );
  expect(result.status).toBe('STOPPED');
  expect(result.phases.map(({ phase, status }) => [phase, status])).toEqual([['build', 'STOPPED']]);
  const pid = Number(readFileSync(pidFile, 'utf8'));
  await expect.poll(() => state(pid)).toMatch(/^(gone|Z)$/);
});

function state(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0] ?? '';
  } catch {
    return 'gone';
  }
}
