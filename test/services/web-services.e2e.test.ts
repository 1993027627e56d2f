import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../local/processes/free-port.ts';
import { readCommands } from '../../local/rehearsal/commands.ts';
import { describeServices } from '../../local/rehearsal/describe-services.ts';
import { startDirectory } from '../../local/rehearsal/directories.ts';
import { doctorSubject } from '../../local/rehearsal/doctor/doctor-file.ts';
import { runDoctor } from '../../local/rehearsal/doctor/run-doctor.ts';
import { startFurtherWeb } from '../../local/rehearsal/further-web.ts';
import { integrationTestEnvironment } from '../../local/rehearsal/pipeline/execution.ts';
import { provisionMusicDatabase, provisionUser } from '../../local/rehearsal/provisioning.ts';
import { createRehearsal, type Rehearsal } from '../../local/rehearsal/rehearsal.ts';
import { startDatabase } from '../../local/rehearsal/sql-server.ts';
import { startTasks } from '../../local/rehearsal/tasks.ts';
import { usersOf } from '../../local/service/process-task.ts';
import { startLoad } from '../../local/testing/steady-load.ts';
import { exampleInput } from '../infrastructure/example-deployment.ts';

// Two other services with the program of web: one gets the requests for one host of the shared load balancer, the other
// has its own load balancer.
const host = 'reports.example.com';
const common = { kind: 'web', roles: ['album_reader'], minimumTasks: 1, maximumTasks: 2 } as const;
const deployment = {
  ...exampleInput,
  environments: exampleInput.environments.slice(0, 1).map((environment) => ({
    ...environment,
    network: { natGateways: 1 },
  })),
  services: {
    reports: { ...common, route: { hosts: [host] } },
    tables: {
      ...common,
      port: 9000,
      loadBalancer: {
        allowedClients: ['10.0.0.0/8'],
        hostName: 'tables.example.com',
        certificateArn: 'arn:aws:acm:eu-central-1:222222222222:certificate/one',
      },
    },
  },
};

let rehearsal: Rehearsal;
const events: string[] = [];
beforeAll(async () => {
  const stateDirectory = await mkdtemp(join(tmpdir(), 'web-services-'));
  const report = (event: string) => void events.push(event);
  rehearsal = await createRehearsal({ deployment, stateDirectory, port: await freePort(), report });
  rehearsal.cleanUp.adopt(stateDirectory, (folder) => rm(folder, { recursive: true, force: true }));
  await startDirectory(rehearsal);
  await Promise.all([
    provisionUser(rehearsal, () => {}),
    startDatabase(rehearsal).then(() => provisionMusicDatabase(rehearsal, () => {})),
  ]);
  await startTasks(rehearsal, report);
  for (const service of rehearsal.names.services) {
    await startFurtherWeb(rehearsal, service, report, { folder: 'web' });
  }
});
afterAll(() => rehearsal?.dispose());

const services = ['reports', 'tables'] as const;
const addressOf = (name: (typeof services)[number] | 'web') =>
  name === 'web'
    ? { url: rehearsal.part('loadBalancer').url }
    : { ...rehearsal.asked.get(name), url: rehearsal.asked.get(name)?.url.replace('/healthz', '') ?? '' };
/** The answer of a service at its own address. */
async function ask(name: Parameters<typeof addressOf>[0], path: string) {
  const { url, host } = { host: undefined, ...addressOf(name) };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(`${url}${path}`, host === undefined ? {} : { headers: { host } }, resolve).on('error', reject);
  });
  return { task: response.headers['x-task'], status: response.statusCode, body: await text(response) };
}

describe('Other services that answer requests', () => {
  test('are reachable at their own addresses, and SQL Server knows each by its own login', async () => {
    for (const [name, user] of [
      ['reports', 'reports-user'],
      ['tables', 'tables-user'],
      ['web', 'db-user'],
    ] as const) {
      const { task, body } = await ask(name, `/api/session?login=CORP\\${user}`);
      expect(task).toMatch(name === 'web' ? /^task-\d$/ : new RegExp(`^${name}-\\d$`));
      expect(JSON.parse(body)).toMatchObject({ loginIsExpected: true, scheme: 'KERBEROS' });
      expect(JSON.parse((await ask(name, '/api/albums')).body).albums).toHaveLength(5);
    }
    expect(new URL(addressOf('tables').url).hostname).not.toBe(new URL(addressOf('web').url).hostname);
  });

  test('are listed in one line each', () => {
    expect(describeServices(rehearsal).trim().split('\n').slice(1)).toEqual([
      `  reports      a web, as CORP\\reports-user; running: reports-1; ${addressOf('web').url}/healthz under the name ${host}`,
      `  tables       a web, as CORP\\tables-user; running: tables-1; ${addressOf('tables').url}/healthz`,
    ]);
  });

  test('are tested by the integration test of the environment', async () => {
    const { all, exitCode } = await execa(process.execPath, ['test/integration/run.ts'], {
      env: {
        ...integrationTestEnvironment(rehearsal),
        REPORT_FILE: join(rehearsal.stateDirectory, 'integration.xml'),
      },
      ...{ all: true, reject: false },
    });
    expect(exitCode, all).toBe(0);
    const report = readFileSync(join(rehearsal.stateDirectory, 'integration.xml'), 'utf8');
    for (const name of services)
      expect(report).toContain(`the service ${name} answers by its way through the load balancer`);
  });

  test('sign in again with a rotated password and new tasks, without a failed request; the others keep their tasks', async () => {
    const input = new PassThrough();
    readCommands(rehearsal, input);
    const load = startLoad([`${addressOf('tables').url}/api/albums`], 20);
    const others = () =>
      [rehearsal.part('service'), rehearsal.running.get('reports')].map((each) => each?.tasks);
    const before = others();
    input.write('rotate tables\n');
    await expect.poll(() => events).toContain('rotate tables: done');
    expect((await load.stop()).failures).toEqual([]);
    expect((await ask('tables', '/readyz')).task).toBe('tables-2');
    expect(others()).toEqual(before);
  });

  test('each have a doctor, which only checks that service', async () => {
    const printed: string[] = [];
    const say = (line: string) => void printed.push(line);
    const folder = await mkdtemp(join(rehearsal.stateDirectory, 'doctor-'));
    await execa('chmod', ['711', folder]);
    const place = await doctorSubject(rehearsal, 'reports');
    const settings = { ...{ json: false, report: undefined }, ...{ print: say, say } };
    expect(await runDoctor(place, folder, settings), printed.join('\n')).toBe(0);
    expect(printed.join('\n')).toMatch(/^ok {3}login [^(]* CORP\\reports-user \(KERBEROS\)/m);
  });
});

test.each([
  ['reports', 'tables'],
  ['tables', 'reports'],
] as const)(
  '%s can read neither the ticket nor the environment of the processes of %s',
  async (one, other) => {
    const users = usersOf(1 + services.indexOf(one));
    const [task = ''] = rehearsal.running.get(other)?.tasks.map(({ name }) => name) ?? [];
    const [own = ''] = rehearsal.running.get(one)?.tasks.map(({ name }) => name) ?? [];
    const cacheOf = (name: string) => join(rehearsal.stateDirectory, 'tasks', name, 'scratch', 'krbcache');
    const processes = ['sidecar', other].map((program) => {
      const record = join(rehearsal.stateDirectory, 'processes', `${task}-${program}.json`);
      return `/proc/${JSON.parse(readFileSync(record, 'utf8')).pid}/environ`;
    });
    const reads = async ({ uid, gid }: { uid: number; gid: number }, file: string) =>
      (await execa('cat', [file], { uid, gid, reject: false, encoding: 'buffer' })).exitCode === 0;
    expect(await reads(users.service, cacheOf(own))).toBe(true);
    for (const user of [users.service, users.sidecar]) {
      for (const file of [cacheOf(task), ...processes])
        expect([file, await reads(user, file)]).toEqual([file, false]);
    }
  },
);
