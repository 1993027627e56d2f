import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPasswordCheck } from '@services/provisioning';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSambaDirectory } from '../../local/directory/samba-directory.ts';
import { freePort } from '../../local/processes/free-port.ts';
import { startDirectory } from '../../local/rehearsal/directories.ts';
import { startWorker } from '../../local/rehearsal/further-services.ts';
import type { RehearsedService } from '../../local/rehearsal/names.ts';
import { provisionMusicDatabase, provisionUser, rotatePassword } from '../../local/rehearsal/provisioning.ts';
import { createRehearsal, type Rehearsal } from '../../local/rehearsal/rehearsal.ts';
import { startDatabase } from '../../local/rehearsal/sql-server.ts';
import { startTasks } from '../../local/rehearsal/tasks.ts';
import { usersOf } from '../../local/service/process-task.ts';
import { startLoad } from '../../local/testing/steady-load.ts';

const requestsPerSecond = 50;
// Tickets live a minute and are renewed every three seconds; connections are replaced every five.
const sidecar = { TICKET_LIFETIME: '60', RENEW_AT: '0.05', TGT_LIFETIME: '125' };
const seldom = { interval: 200 };

let rehearsal: Rehearsal;
let worker: RehearsedService;
beforeAll(async () => {
  const stateDirectory = await mkdtemp(join(tmpdir(), 'isolation-'));
  rehearsal = await createRehearsal({ stateDirectory, port: await freePort() });
  rehearsal.cleanUp.adopt(stateDirectory, (folder) => rm(folder, { recursive: true, force: true }));
  worker = rehearsal.names.services.find(({ service }) => service.kind === 'worker') as RehearsedService;
  await startDirectory(rehearsal);
  await Promise.all([
    provisionUser(rehearsal, () => {}),
    startDatabase(rehearsal).then(() => provisionMusicDatabase(rehearsal, () => {})),
  ]);
  await startTasks(rehearsal, () => {}, {
    environment: {
      sidecar,
      web: { POOL_MAX_AGE_SECONDS: '5', POOL_QUEUE_MAX: '2000', ACQUIRE_TIMEOUT_SECONDS: '15' },
    },
  });
  await startWorker(rehearsal, worker, () => {}, {
    environment: { sidecar, service: { ROUND_SECONDS: '0.5' } },
  });
});
afterAll(() => rehearsal?.dispose());

type Service = 'web' | 'worker';
const tasksOf = (service: Service) =>
  (service === 'web' ? rehearsal.part('service') : rehearsal.running.get(worker.service.name))?.tasks ?? [];
const userOf = (service: Service) =>
  service === 'web' ? rehearsal.names.directoryUser : worker.service.user.name;
const programOf = (service: Service) => (service === 'web' ? 'web' : worker.service.name);
const recordedPid = (name: string): number =>
  JSON.parse(readFileSync(join(rehearsal.stateDirectory, 'processes', `${name}.json`), 'utf8')).pid;
const cacheOf = (task: string) => join(rehearsal.stateDirectory, 'tasks', task, 'scratch', 'krbcache');

/** Waits until a newly added play is counted. */
async function counts(album: number): Promise<void> {
  const { administer } = rehearsal.part('sqlServer');
  const plays = async (table: string) => {
    const what = table === 'Play' ? 'COUNT(*)' : 'MAX(Plays)';
    const rows = await administer(
      `USE Music`,
      `SELECT ${what} AS n FROM dbo.${table} WHERE AlbumId = ${album}`,
    );
    return rows[0]?.n ?? 0;
  };
  await administer('USE Music', `INSERT INTO dbo.Play (AlbumId) VALUES (${album})`);
  const wanted = await plays('Play');
  await expect.poll(() => plays('PlayCount'), seldom).toBe(wanted);
}

async function webIsWell(): Promise<void> {
  const { url } = rehearsal.part('loadBalancer');
  await expect.poll(async () => (await fetch(`${url}/api/albums`)).status, seldom).toBe(200);
}

/** Locks the user out, as password guessing would. */
async function lockOut(username: string): Promise<void> {
  const { realm, kdcs } = rehearsal.part('domain');
  const check = createPasswordCheck({ realm, kdcs });
  const tryWrong = () => check(username, 'Not the password 1').catch((error: Error) => error.message);
  await expect.poll(tryWrong, { interval: 0 }).toMatch(/lock/);
}

/**
 * All that may happen to a service: its user is locked out, its password changes, and its tickets and processes
 * disappear.
 */
async function befalls(service: Service): Promise<void> {
  const began = new Date();
  await lockOut(userOf(service));
  await expect.poll(() => errorsSince(began, service).length, seldom).toBeGreaterThan(0);
  await createSambaDirectory(rehearsal.part('domain')).unlock(userOf(service));
  await rotatePassword(rehearsal, service === 'web' ? 'web' : worker.service.name);
  for (const { name } of tasksOf(service)) await rm(cacheOf(name));
  for (const { name } of tasksOf(service))
    process.kill(recordedPid(`${name}-${programOf(service)}`), 'SIGKILL');
}

type Line = Readonly<Record<'time' | 'level' | 'msg', string>>;
/** The log lines of a service's tasks, or of their sidecars. */
function logOf(service: Service, program = programOf(service)): Line[] {
  const names =
    service === 'web'
      ? rehearsal.slots.map(({ name }) => name)
      : [1, 2].map((n) => `${worker.service.name}-${n}`);
  return names.flatMap((name) => {
    try {
      const text = readFileSync(join(rehearsal.stateDirectory, 'logs', `${name}-${program}.log`), 'utf8');
      return text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Line);
    } catch {
      return [];
    }
  });
}
const errorsSince = (began: Date, service: Service) =>
  [...logOf(service), ...logOf(service, 'sidecar')].filter(
    ({ time, level }) => new Date(time) >= began && ['warn', 'error', 'fatal'].includes(level),
  );

describe('Faults of one service do not affect the other:', () => {
  test('no request of web fails while the worker is locked out, rotated, without tickets and killed', async () => {
    await counts(8);
    const began = new Date();
    const { url } = rehearsal.part('loadBalancer');
    const load = startLoad([`${url}/api/albums`, `${url}/`], requestsPerSecond);
    await befalls('worker');
    await counts(8);
    const { requests, failures } = await load.stop();
    expect(failures).toEqual([]);
    expect(requests).toBeGreaterThan(requestsPerSecond * 3);
    expect(errorsSince(began, 'web')).toEqual([]);
  }, 600_000);

  test('the worker continues while the same happens to web, which recovers afterwards', async () => {
    await webIsWell();
    const began = new Date();
    const { url } = rehearsal.part('loadBalancer');
    const load = startLoad([`${url}/api/albums`], requestsPerSecond);
    const rounds = () =>
      logOf('worker').filter(({ time, msg }) => msg === 'counted' && new Date(time) >= began).length;
    await befalls('web');
    await load.stop();
    const after = rounds();
    await counts(34);
    expect(after).toBeGreaterThan(3);
    expect(errorsSince(began, 'worker')).toEqual([]);
    await webIsWell();
  }, 600_000);
});

describe('A service on this machine cannot read the files of another:', () => {
  const users = { web: usersOf(0), worker: usersOf(1) };
  /** The result of reading a file as the user of a service. */
  async function reads({ uid, gid }: { uid: number; gid: number }, file: string): Promise<string> {
    const { exitCode, stderr } = await execa('cat', [file], { uid, gid, reject: false, encoding: 'buffer' });
    return exitCode === 0
      ? 'read'
      : (/Permission denied/.exec(String(Buffer.from(stderr)))?.[0] ?? 'otherwise');
  }

  test.each([
    ['worker', 'web'],
    ['web', 'worker'],
  ] as const)('%s nothing of %s: ticket, environment of its processes', async (one, other) => {
    await webIsWell();
    await counts(8);
    const [own, others] = [tasksOf(one)[0]?.name ?? '', tasksOf(other)[0]?.name ?? ''];
    expect(await reads(users[one].service, cacheOf(own))).toBe('read');
    for (const user of Object.values(users[one])) {
      expect(await reads(user, cacheOf(others))).toBe('Permission denied');
      for (const program of ['sidecar', programOf(other)]) {
        const environment = `/proc/${recordedPid(`${others}-${program}`)}/environ`;
        expect(await reads(user, environment)).toBe('Permission denied');
      }
    }
  });
});

test('SQL Server lets web, with its own ticket, read the data of its page but no table of the worker', async () => {
  await webIsWell();
  await counts(8);
  const pid = recordedPid(`${tasksOf('web')[0]?.name}-web`);
  const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean);
  const env = Object.fromEntries(
    variables.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  const tables = ['Album', 'Artist', 'Track', 'Play', 'PlayCount'];
  const program = join(import.meta.dirname, 'log-in.ts');
  const statements = tables.map((table) => `SELECT COUNT(*) AS n FROM dbo.${table}`);
  const { stdout } = await execa(
    process.execPath,
    [program, 'SELECT SUSER_SNAME() AS login', ...statements],
    { extendEnv: false, env },
  );
  const [who, ...outcomes] = stdout.split('\n').map((line) => JSON.parse(line));
  expect(who).toEqual({ rows: [{ login: rehearsal.names.login }] });
  const permissionDenied = { error: 229 };
  expect(Object.fromEntries(tables.map((table, index) => [table, outcomes[index]]))).toEqual({
    Album: { rows: [{ n: expect.any(Number) }] },
    Artist: { rows: [{ n: expect.any(Number) }] },
    Track: permissionDenied,
    Play: permissionDenied,
    PlayCount: permissionDenied,
  });
});
