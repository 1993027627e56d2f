import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkBuildspec } from '../../lib/constructs/common/buildspec.ts';
import { AwsFault, type Operations } from '../../local/pipeline/aws/aws-endpoint.ts';
import { type LocalProject, localBuilds } from '../../local/pipeline/aws/local-builds.ts';
import { roleOperations } from '../../local/pipeline/aws/stack-operations.ts';
import { throttled } from './fakes/faults.ts';
import { type Harness, startHarness } from './release-harness.ts';

let directory: string;
let harness: Harness | undefined;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'release-test-'));
});
afterEach(async () => {
  await harness?.stop();
  harness = undefined;
  rmSync(directory, { recursive: true, force: true });
});

const good = '<testcase classname="page" name="greets" time="0.1"/>';
const bad =
  '<testcase classname="albums" name="five" time="0.2"><failure message="expected 5">AssertionError\n  at suite</failure></testcase>';
const skipped = '<testcase classname="page" name="later"><skipped/></testcase>';

/** The test project of staging; its test reports these cases and ends with this command. */
function project(cases: string, last = 'true'): Record<string, LocalProject> {
  const buildspec = checkBuildspec(
    {
      version: 0.2,
      phases: {
        build: {
          commands: ['echo "Testing $SERVICE_URL"', `echo '<testsuites>${cases}</testsuites>' > r.xml`, last],
        },
      },
      reports: { integration: { files: 'r.xml', 'file-format': 'JUNITXML' } },
    },
    'test',
  );
  const environment = { SERVICE_URL: 'http://service.internal' };
  return { 'windows-auth-staging-integration-test': { buildspec, directory, environment } };
}

const start = async (operations: Operations) => {
  harness = await startHarness({ ...roleOperations, ...operations });
  return harness;
};

test('a passing test: its log is streamed, the role of the environment is assumed, the exit code is 0', async () => {
  const { release, endpoint } = await start(localBuilds(project(good + good)));
  const { output, exitCode } = await release('test', 'staging');
  expect(output).toContain('Testing http://service.internal');
  expect(output).toMatch(/staging: all 2 tests passed\.$/);
  expect(exitCode).toBe(0);
  expect(endpoint.calls[0]).toMatchObject({
    operation: 'STS.AssumeRole',
    input: { RoleArn: 'arn:aws:iam::222222222222:role/windows-auth-staging-integration-test' },
  });
});

test('failed cases are printed with their messages, and the exit code is 1', async () => {
  const { release } = await start(localBuilds(project(good + bad, 'exit 1')));
  const { output, exitCode } = await release('test', 'staging');
  expect(output).toContain('✗ albums › five\n    expected 5\n    AssertionError\n      at suite\n');
  expect(output).toContain('staging: 1 of 2 tests failed.');
  expect(exitCode).toBe(1);
});

test.for([
  ['a build that succeeds despite a failed case', good + bad, 'true', '1 of 2 tests failed.'],
  ['a build that succeeds without running a test', '', 'true', 'The build succeeded, but reported no tests.'],
  ['a build that skips a test', good + skipped, 'true', 'Only 1 of 2 tests passed; the others were not run.'],
  [
    'a build that fails despite passing tests',
    good,
    'exit 7',
    'The build ended as FAILED: Error while executing command: exit 7.',
  ],
] as const)('%s does not count as success', async ([, cases, last, reason]) => {
  const { release } = await start(localBuilds(project(cases, last)));
  const { output, exitCode } = await release('test', 'staging', '--json');
  const outcome = JSON.parse(output);
  expect(outcome.passedAll).toBe(false);
  expect(outcome.reason).toContain(reason);
  expect(exitCode).toBe(1);
});

test('throttled requests are retried', async () => {
  const { release } = await start(throttled(localBuilds(project(good)), 1));
  expect((await release('test', 'staging')).exitCode).toBe(0);
});

test('if the log cannot be followed, the build is stopped', async () => {
  const operations = localBuilds(project(good, 'sleep 60'));
  const denied = new AwsFault(
    'AccessDeniedException',
    'User: arn:aws:sts::1:assumed-role/x is not authorized to perform: logs:GetLogEvents',
  );
  const { release, endpoint } = await start({
    ...operations,
    'Logs.GetLogEvents': () => {
      throw denied;
    },
  });
  const { error, exitCode } = await release('test', 'staging');
  expect(error).toContain('not allowed to perform logs:GetLogEvents');
  expect(exitCode).toBe(1);
  expect(endpoint.calls.at(-1)?.operation).toBe('CodeBuild.StopBuild');
});

test('an environment that is not deployed is reported', async () => {
  const { release } = await start(localBuilds({}));
  const { error } = await release('test', 'production');
  expect(error).toContain('Project cannot be found: windows-auth-production-integration-test');
});

test('a single web service is tested by the same build, which gets its name', async () => {
  const { release, endpoint } = await start(localBuilds(project(good)));
  const { output, exitCode } = await release('test', 'staging', '--service', 'web');
  expect(output).toMatch(/web in staging: its test passed\.$/);
  expect(exitCode).toBe(0);
  expect(endpoint.calls.find(({ operation }) => operation === 'CodeBuild.StartBuild')?.input).toMatchObject({
    environmentVariablesOverride: [{ name: 'ONLY_SERVICE', value: 'web' }],
  });
});

test('without --service, the build is started without any override', async () => {
  const { release, endpoint } = await start(localBuilds(project(good)));
  await release('test', 'staging');
  const [{ input } = { input: {} }] = endpoint.calls.filter(({ operation }) => /StartBuild/.test(operation));
  expect(input).not.toHaveProperty('environmentVariablesOverride');
});
