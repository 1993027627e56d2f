import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DoctorLine } from '@packages/contracts';
import { afterEach, expect, test } from 'vitest';
import type { Deployment } from '../../lib/config/index.ts';
import { AwsFault, type Operations } from '../../local/pipeline/aws/aws-endpoint.ts';
import { fullDeployment } from '../infrastructure/example-deployment.ts';
import { type DoctorScript, doctorOperations } from './fakes/fake-doctor.ts';
import { failing, throttled } from './fakes/faults.ts';
import { type Harness, startHarness } from './release-harness.ts';

let harness: Harness | undefined;
afterEach(() => harness?.stop());

const json = (lines: readonly DoctorLine[]) => lines.map((line) => JSON.stringify(line));
const facts = { directory: 'corp.example.com', 'SQL Server': 'music-db.corp.example.com:1433' };
const passed = {
  doctor: 'finding',
  check: 'controller',
  status: 'passed',
  detail: '10.0.0.10:88 answers.',
} as const;
const failed: DoctorLine = {
  ...{ doctor: 'finding', check: 'port', status: 'failed', code: 'TIMEOUT', ask: 'network' },
  ...{ detail: 'Nothing answered on port 1433.', remedy: 'Let TCP port 1433 through.' },
} as const;
const well: DoctorScript = {
  lines: [
    'a line of somebody else',
    ...json([{ doctor: 'facts', facts }, passed, { doctor: 'end', healthy: true }]),
  ],
  exitCode: 0,
};
const ill: DoctorScript = {
  lines: json([{ doctor: 'facts', facts }, passed, failed, { doctor: 'end', healthy: false }]),
  exitCode: 1,
};

async function start(operations: Operations, signal?: AbortSignal, deployed?: Deployment) {
  harness = await startHarness(operations, undefined, signal, deployed);
  const { endpoint } = harness;
  const called = (name: string) => endpoint.calls.filter(({ operation }) => operation === name);
  return { ...harness, called };
}

test('a healthy service: the task runs in its network, findings are shown as they arrive, the exit code is 0', async () => {
  const { release, called } = await start(doctorOperations(well));
  const { output, exitCode } = await release('doctor', 'staging');
  expect(output).toMatch(
    /Started the task 0123456789abcdef\S+ in the service's own subnets\.\n— PROVISIONING/,
  );
  expect(output).toContain('ok   controller       10.0.0.10:88 answers.');
  expect(output).toMatch(/\nNothing is wrong\.$/);
  expect(exitCode).toBe(0);
  const [{ input } = { input: {} }] = called('ECS.RunTask');
  expect(input).toMatchObject({
    ...{ cluster: 'windows-auth-staging', launchType: 'FARGATE', count: 1 },
    taskDefinition: expect.stringMatching(/task-definition\/windows-auth-staging-web-doctor:7$/),
    networkConfiguration: {
      awsvpcConfiguration: { subnets: ['subnet-1', 'subnet-2'], securityGroups: ['sg-service'] },
    },
  });
  expect(input).not.toHaveProperty('overrides');
  expect(called('ECS.StopTask')).toEqual([]);
});

test("a failure is shown with its remedy and the team to ask; the exit code is the doctor's", async () => {
  const { release } = await start(doctorOperations(ill));
  const { output, exitCode } = await release('doctor', 'staging', '--report', 'network');
  expect(output).toContain('FAIL port             TIMEOUT: Nothing answered on port 1433.');
  expect(output).toContain(
    'Remedy: Let TCP port 1433 through.\n                      Ask: the network team.',
  );
  expect(output).toContain('\nWrong: port. Begin with the first.');
  expect(output).toMatch(/For the network team .*\n/);
  expect(output).toMatch(/^SQL Server +music-db\.corp\.example\.com:1433$/m);
  expect(exitCode).toBe(1);
});

test('the report for one team is also in the JSON document', async () => {
  const { release } = await start(doctorOperations(well));
  const words = await release('doctor', 'staging', '--report', 'network');
  const { output } = await release('--json', 'doctor', 'staging', '--report', 'network');
  const { report } = JSON.parse(output);
  expect(report).toMatch(/^The report of the doctor/);
  // The first line differs in the time of the report.
  const [, ...lines] = report.trim().split('\n');
  expect(words.output).toContain(lines.at(-1));
  expect(JSON.parse((await release('--json', 'doctor', 'staging')).output)).not.toHaveProperty('report');
});

test('the report for all teams is written to a file; --json prints one document', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'release-doctor-'));
  try {
    const file = join(directory, 'report.txt');
    const { release } = await start(doctorOperations(ill));
    const { output } = await release('--json', 'doctor', 'staging', '--report', file);
    expect(JSON.parse(output)).toMatchObject({
      ...{ environment: 'staging', exitCode: 1, facts },
      findings: [{ check: 'controller' }, { check: 'port', ask: 'network' }],
    });
    expect(readFileSync(file, 'utf8')).toMatch(/For the network team[\s\S]*In order/);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('if the file cannot be written, it is named, the report is printed and the exit code is 3', async () => {
  const { release } = await start(doctorOperations(well));
  const { output, words, exitCode } = await release('doctor', 'staging', '--report', tmpdir());
  expect(words).toContain(`${tmpdir()} could not be written: illegal operation on a directory.`);
  expect(output).toContain('The report of the doctor');
  expect(exitCode).toBe(3);
});

test('counts the password refusals that the service logged since its last successful sign-in', async () => {
  const noted = ['password.refused', 'tgt.obtained', 'password.refused', 'password.refused'].map(
    (event, index) => ({ event, minutesAgo: 20 - index }),
  );
  const { release, called } = await start(doctorOperations({ ...well, noted }));
  const { words } = await release('doctor', 'staging');
  expect(words.join()).toContain('refused the password 2 times');
  expect(called('ECS.RunTask')[0]?.input.overrides).toEqual({
    containerOverrides: [{ name: 'doctor', command: ['doctor', '--json-lines', '--refusals', '2'] }],
  });
});

test('password refusals of more than half an hour ago are not counted', async () => {
  const noted = [32, 31, 29].map((minutesAgo) => ({ event: 'password.refused', minutesAgo }));
  const { release, called } = await start(doctorOperations({ ...well, noted }));
  await release('doctor', 'staging');
  expect(called('ECS.RunTask')[0]?.input.overrides).toMatchObject({
    containerOverrides: [{ command: ['doctor', '--json-lines', '--refusals', '1'] }],
  });
});

test('throttled requests are retried, and the end of the log may arrive late', async () => {
  const { release } = await start(throttled(doctorOperations({ ...well, late: 5 }), 1));
  const { output, exitCode } = await release('doctor', 'staging');
  expect(output).toContain('Nothing is wrong.');
  expect(exitCode).toBe(0);
});

test.each([
  [
    { failures: [{ reason: 'Capacity is unavailable at this time.' }] },
    /did not start the doctor: Capacity is unavailable at this time\. Fargate has no room/,
  ],
  [{ failures: [{ reason: 'RESOURCE:ENI', detail: 'no address' }] }, /RESOURCE:ENI: no address\./],
  [
    {
      neverRan: [
        'ResourceInitializationError: unable to pull secrets or registry auth: AccessDeniedException',
        '',
      ] as const,
    },
    /ended before the doctor began\. ResourceInitializationError.*rights of the execution role/,
  ],
  [
    { neverRan: ['Task failed to start', 'CannotPullContainerError: manifest unknown'] as const },
    /CannotPullContainerError: manifest unknown\. ECS could not pull the image/,
  ],
])('a task that does not start is reported with the reason: %j', async (script, sentence) => {
  const { release } = await start(doctorOperations({ ...well, ...script }));
  const { error, exitCode } = await release('doctor', 'staging');
  expect(error).toMatch(sentence);
  expect(exitCode).toBe(1);
});

test('a caller that may not start the task is told which permission is missing', async () => {
  const denied = new AwsFault(
    'AccessDeniedException',
    'User: arn:aws:iam::222222222222:user/ada is not authorized to perform: ecs:RunTask on resource: x',
  );
  const { release } = await start(failing(doctorOperations(well), 'ECS.RunTask', denied));
  expect((await release('doctor', 'staging')).error).toContain('not allowed to perform ecs:RunTask');
});

test('the task is stopped if its log cannot be followed or the caller interrupts', async () => {
  const denied = new AwsFault(
    'AccessDeniedException',
    'User: x is not authorized to perform: logs:GetLogEvents',
  );
  const first = await start(
    failing(doctorOperations({ ...well, isEndless: true }), 'Logs.GetLogEvents', denied),
  );
  expect((await first.release('doctor', 'staging')).error).toContain('logs:GetLogEvents');
  expect(first.called('ECS.StopTask')).toHaveLength(1);
  await first.stop();

  const interrupt = new AbortController();
  const operations = doctorOperations({ ...well, isEndless: true });
  const second = await start(
    {
      ...operations,
      'Logs.GetLogEvents': (input) => {
        queueMicrotask(() => interrupt.abort());
        return (operations['Logs.GetLogEvents'] as (input: object) => unknown)(input);
      },
    },
    interrupt.signal,
  );
  const { exitCode } = await second.release('doctor', 'staging');
  expect(exitCode).toBe(1);
  expect(second.called('ECS.StopTask')[0]?.input).toMatchObject({
    reason: expect.stringContaining('followed'),
  });
});

test('the policy in docs/operate.md for running the doctor allows exactly the calls that it makes', async () => {
  const text = readFileSync(new URL('../../docs/operate.md', import.meta.url), 'utf8');
  const [, json = ''] = /### Ask the doctor[\s\S]*?```json\n([\s\S]*?)```/.exec(text) ?? [];
  const statements: { Action: string | string[] }[] = JSON.parse(json).Statement;
  const given = statements.flatMap(({ Action }) => Action);
  const interrupt = new AbortController();
  const operations = doctorOperations({ ...well, isEndless: true });
  const { release, endpoint } = await start(operations, interrupt.signal);
  const ended = release('doctor', 'staging');
  await expect.poll(() => endpoint.calls.at(-1)?.operation).toBe('Logs.GetLogEvents');
  interrupt.abort();
  await ended;
  const called = endpoint.calls.map(({ operation }) =>
    operation.replace(/^(\w+)\./, (_, name) => `${name.toLowerCase()}:`),
  );
  // ECS also requires these when a task gets roles and tags.
  expect([...new Set([...called, 'iam:PassRole', 'ecs:TagResource'])].sort()).toEqual(
    [...new Set(given)].sort(),
  );
});

test.each([
  ['worker', ['subnet-1', 'subnet-2'], ['sg-service']],
  ['job', ['subnet-1', 'subnet-2'], ['sg-job', 'sg-extra']],
])(
  'an additional service has its own doctor, in its own network: %s',
  async (service, subnets, securityGroups) => {
    const { release, called } = await start(doctorOperations(well), undefined, fullDeployment());
    const { output, exitCode } = await release('--json', 'doctor', 'staging', '--service', service);
    expect([JSON.parse(output).service, exitCode]).toEqual([service, 0]);
    const [{ input } = { input: {} }] = called('ECS.RunTask');
    expect(input).toMatchObject({
      taskDefinition: expect.stringMatching(new RegExp(`/windows-auth-staging-${service}-doctor:7$`)),
      networkConfiguration: { awsvpcConfiguration: { subnets, securityGroups, assignPublicIp: 'DISABLED' } },
    });
  },
);

test('a service that does not exist or is not deployed is reported before anything is started', async () => {
  const operations = {
    ...doctorOperations({ ...well, labels: { subnets: 'elsewhere' } }),
    'ECS.DescribeServices': () => ({ services: [] }),
  };
  const { release, called } = await start(operations, undefined, fullDeployment());
  const said = async (service: string) => (await release('doctor', 'staging', '--service', service)).error;
  expect(await said('other')).toBe('There is no service other: the configuration has web, worker, job.');
  expect(await said('worker')).toContain('The service windows-auth-staging-worker is not deployed here yet');
  expect(await said('job')).toBe(
    'The task definition windows-auth-staging-job-doctor is not that of a doctor.',
  );
  expect(called('ECS.RunTask')).toEqual([]);
});

test('an environment that is not deployed, or in another account, is reported before anything is started', async () => {
  const { release, called } = await start(doctorOperations(well));
  expect((await release('doctor', 'production')).error).toContain('production is in 333333333333');
  expect((await release('doctor', 'nowhere')).error).toContain('There is no environment "nowhere"');
  expect(called('ECS.RunTask')).toEqual([]);
  await harness?.stop();
  const none = await start({ ...doctorOperations(well), 'ECS.DescribeServices': () => ({ services: [] }) });
  expect((await none.release('doctor', 'staging')).error).toContain('is not deployed here yet');
  await harness?.stop();
  const old = await start({
    ...doctorOperations(well),
    'ECS.DescribeTaskDefinition': () => {
      throw new AwsFault('ClientException', 'Unable to describe task definition.');
    },
  });
  expect((await old.release('doctor', 'staging')).error).toContain('deploy the service once more');
});
