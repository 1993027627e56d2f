import { alarmingLines } from '@packages/contracts';
import { afterEach, expect, test } from 'vitest';
import type { Operations } from '../../local/pipeline/aws/aws-endpoint.ts';
import { fullDeployment } from '../infrastructure/example-deployment.ts';
import { type FakeWorker, jobOperations, taskId, workerOperations } from './fakes/fake-service.ts';
import { throttled } from './fakes/faults.ts';
import { type Harness, startHarness } from './release-harness.ts';

let harness: Harness | undefined;
afterEach(() => harness?.stop());

async function release(operations: Operations, ...words: string[]) {
  harness = await startHarness(operations, undefined, undefined, fullDeployment());
  const run = await harness.release('test', 'staging', ...words);
  return { ...run, called: harness.endpoint.calls.map(({ operation }) => operation) };
}

const testWorker = (worker: FakeWorker = {}) => release(workerOperations(worker), '--service', 'worker');

test('a healthy worker passes; the test only reads from AWS and starts nothing', async () => {
  const { output, exitCode, called, error } = await testWorker();
  expect(output, error).toBe('worker in staging: all 5 tests passed.');
  expect(exitCode).toBe(0);
  for (const operation of called) expect(operation).toMatch(/\.(Get|List|Describe|Filter)\w+$/);
});

test('throttled requests are retried', async () => {
  const { exitCode } = await release(throttled(workerOperations(), 1), '--service', 'worker');
  expect(exitCode).toBe(0);
});

const refused = { msg: alarmingLines.workRefused, number: 229, reason: 'The SELECT permission was denied.' };

test.each<[string, FakeWorker, string[]]>([
  [
    'runs a task definition other than that of its stack',
    { revision: 6 },
    [
      'The task definition of its stack',
      'windows-auth-staging-worker:6 is, and the stack has windows-auth-staging-worker:7',
    ],
  ],
  [
    'is being deployed',
    { deployments: [{ rolloutState: 'IN_PROGRESS' }, { rolloutState: 'COMPLETED' }] },
    ['Its deployment is complete', 'It is IN_PROGRESS'],
  ],
  [
    'is deployed but still draining an older deployment',
    { deployments: [{ rolloutState: 'COMPLETED' }, { rolloutState: 'COMPLETED' }] },
    ['Its deployment is complete', 'It is COMPLETED'],
  ],
  [
    'failed to deploy',
    {
      deployments: [
        {
          rolloutState: 'FAILED',
          rolloutStateReason: 'ECS deployment circuit breaker: tasks failed to start.',
        },
      ],
    },
    ['Its deployment is complete', 'It is FAILED: ECS deployment circuit breaker: tasks failed to start.'],
  ],
  ['has too few tasks', { running: 1 }, ['As many tasks run as are wanted', '1 of 2 run.']],
  ['has too many tasks', { running: 3 }, ['As many tasks run as are wanted', '3 of 2 run.']],
  [
    'has an unhealthy task',
    { health: ['HEALTHY', 'UNHEALTHY'] },
    ['Each of its tasks is healthy', `${taskId(1)}: UNHEALTHY`],
  ],
  [
    'has a task of unknown health',
    { health: ['UNKNOWN', 'HEALTHY'] },
    ['Each of its tasks is healthy', 'UNKNOWN'],
  ],
  [
    'is refused by the database, which ECS does not notice',
    {
      log: [
        { task: 1, line: refused },
        { task: 'gone', line: { ...refused, reason: 'Of another time.' } },
      ],
    },
    [
      'Its log of the last 5 minutes reports no failed work',
      'the database refuses the work\n    The SELECT permission was denied.',
    ],
  ],
])('fails a worker that %s', async (_, worker, [name = '', message = '']) => {
  const { output, exitCode } = await testWorker(worker);
  expect(output).toContain(`✗ ${name}`);
  expect(output).toContain(message);
  expect(output).not.toContain('Of another time.');
  expect(output).toMatch(/worker in staging: 1 of 5 tests failed\.$/);
  expect(exitCode).toBe(1);
});

test('fails a worker whose number of tasks was set to 0', async () => {
  const { output, exitCode } = await testWorker({ wanted: 0 });
  expect(output).toContain('None is wanted: the number of its tasks was set to 0.');
  expect(exitCode).toBe(1);
});

test('log lines of stopped tasks do not count against the running ones', async () => {
  expect((await testWorker({ log: [{ task: 'gone', line: refused }] })).exitCode).toBe(0);
});

const testJob = (runs: Parameters<typeof jobOperations>[0]) =>
  release(jobOperations(runs), '--service', 'job');
const well = { status: 'SUCCEEDED', minutesAgo: 5 };

test('a job passes if its last run succeeded and began after its deployment; no run is started', async () => {
  const { output, exitCode, called, error } = await testJob([well, { status: 'FAILED', minutesAgo: 10 }]);
  expect(output, error).toBe('job in staging: all 2 tests passed.');
  expect(exitCode).toBe(0);
  expect(called).not.toContain('SFN.StartExecution');
});

const cause = JSON.stringify({
  StoppedReason: 'Essential container in task exited',
  Containers: [
    { Name: 'job', ExitCode: 1 },
    { Name: 'sidecar', ExitCode: 0 },
  ],
});

test.each([
  [
    'failed',
    [{ status: 'FAILED', minutesAgo: 5, error: 'States.TaskFailed', cause }, well],
    /FAILED: States\.TaskFailed\.\n +Essential container in task exited\.\n +job: exit code 1\n/,
  ],
  [
    'took too long',
    [{ status: 'TIMED_OUT', minutesAgo: 5, error: 'States.Timeout', cause: 'no JSON' }],
    /TIMED_OUT: States\.Timeout\.\n +no JSON\n/,
  ],
  ['was stopped', [{ status: 'ABORTED', minutesAgo: 5 }], /ABORTED\./],
  [
    'does not exist yet',
    [],
    /No run has ended yet\. Wait for its next run, or run it now, with all its effects: --run\./,
  ],
  [
    'was before its latest deployment',
    [{ ...well, minutesAgo: 90 }],
    /It was deployed at \S+, and its last run began at /,
  ],
  [
    'is in progress',
    [
      { status: 'RUNNING', minutesAgo: 1 },
      { ...well, minutesAgo: 90 },
    ],
    / A run is in progress\. Wait/,
  ],
] as const)('fails a job whose last run %s', async (_, runs, expected) => {
  const { output, exitCode } = await testJob(runs);
  expect(output).toMatch(expected);
  expect(exitCode).toBe(1);
});

test.each([
  [{ status: 'SUCCEEDED' }, /its test passed\.$/, 0],
  [{ status: 'FAILED', error: 'States.TaskFailed', cause }, /job: exit code 1/, 1],
])('--run starts the job and follows it to its end: %j', async (end, expected, code) => {
  const { output, exitCode, called } = await release(jobOperations([], end), '--service', 'job', '--run');
  expect(output).toMatch(/^Started the run release-test-/);
  expect(output).toMatch(expected);
  expect(exitCode).toBe(code);
  expect(called.filter((operation) => operation === 'SFN.StartExecution')).toHaveLength(1);
});

test.each([
  [['--service', 'worker', '--run'], 'Only a job can be run: name it with --service.'],
  [['--run'], 'Only a job can be run: name it with --service.'],
  [['--service', 'other'], /^There is no service other: the configuration has web, .*worker/],
])('%j is refused without calling AWS', async (words, expected) => {
  const { error, exitCode, called } = await release({}, ...words);
  expect(error).toMatch(expected);
  expect(exitCode).toBe(1);
  expect(called).toEqual([]);
});

test.each(['worker', 'job'])('reports a %s that is not deployed', async (name) => {
  const operations = name === 'worker' ? jobOperations([]) : workerOperations();
  const { error } = await release(operations, '--service', name);
  expect(error).toBe(
    `The service is not deployed here yet: there is no stack windows-auth-staging-service-${name}.`,
  );
});

test('credentials of another account are reported before any other call', async () => {
  const operations = { ...workerOperations(), 'STS.GetCallerIdentity': () => ({ Account: '111111111111' }) };
  const { error, called } = await release(operations, '--service', 'worker');
  expect(error).toContain('name a profile of that account in AWS_PROFILE');
  expect(called).toEqual(['STS.GetCallerIdentity']);
});

test('--json prints one document', async () => {
  const { output } = await release(workerOperations({ running: 1 }), '--json', '--service', 'worker');
  expect(JSON.parse(output)).toMatchObject({
    ...{ environment: 'staging', service: 'worker', passedAll: false, total: 5, passed: 4 },
    failed: [{ name: 'As many tasks run as are wanted', message: '1 of 2 run.' }],
  });
});
