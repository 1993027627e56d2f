import { alarmingLines } from '@packages/contracts';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ServiceName, type ServicesSite, startServicesSite } from './services-site.ts';

let services: ServicesSite;
beforeAll(async () => {
  services = await startServicesSite();
});
afterAll(() => services?.dispose());

const asAdministrator = (sql: string) => services.sqlServer.administer('USE Music', sql);
const health = (environment: NodeJS.ProcessEnv) =>
  execa(process.execPath, ['services/worker/src/health.ts'], { env: environment, reject: false });

describe('The worker', () => {
  test('counts plays, and later plays as well, with its own login', async () => {
    const worker = services.start('worker', { ROUND_SECONDS: '0.2', HEALTH_PORT: '0' });
    expect(await worker.logged('counted')).toMatchObject({ changed: expect.any(Number) });
    const plays = async (album: number) =>
      (await services.as('job', `SELECT Plays FROM dbo.PlayCount WHERE AlbumId = ${album}`))[0]?.Plays;
    await expect.poll(() => plays(8)).toBe(4);
    await asAdministrator('INSERT INTO dbo.Play (AlbumId) VALUES (8), (34)');
    await expect.poll(() => plays(8)).toBe(5);
    await expect.poll(() => plays(34)).toBe(1);
    worker.signal('SIGTERM');
    expect(await worker.exited).toBe(0);
    expect(worker.errors()).toBe('');
  });

  test('stays healthy while SQL Server is down, logs the line that the alarm counts, and continues', async () => {
    await services.sqlServer.interrupt();
    const worker = services.start('worker', {
      ROUND_SECONDS: '0.2',
      HEALTH_PORT: '0',
      CONNECT_TIMEOUT_SECONDS: '5',
    });
    try {
      expect(await worker.logged(alarmingLines.databaseUnreachable)).toMatchObject({
        remedy: expect.any(String),
      });
      const { healthPort } = await worker.logged('working');
      expect(await health({ HEALTH_PORT: String(healthPort) })).toMatchObject({ exitCode: 0 });
    } finally {
      await services.sqlServer.start();
    }
    await worker.logged('counted');
    worker.signal('SIGTERM');
    expect(await worker.exited).toBe(0);
  });

  test('logs the line that the alarm counts when SQL Server refuses its work, and continues once permitted', async () => {
    await asAdministrator('ALTER ROLE play_counter DROP MEMBER [CORP\\worker-user]');
    const worker = services.start('worker', { ROUND_SECONDS: '0.2', HEALTH_PORT: '0' });
    try {
      expect(await worker.logged(alarmingLines.workRefused)).toMatchObject({ number: 229 });
    } finally {
      await asAdministrator('ALTER ROLE play_counter ADD MEMBER [CORP\\worker-user]');
    }
    await worker.logged('counted');
    worker.signal('SIGTERM');
    expect(await worker.exited).toBe(0);
  });

  test('is not healthy when it is not running', async () => {
    expect(await health({ HEALTH_PORT: '9' })).toMatchObject({ exitCode: 1 });
  });
});

describe('The job', () => {
  test('writes the report of counted plays, and exits with 0', async () => {
    const worker = services.start('worker', { ROUND_SECONDS: '60', HEALTH_PORT: '0' });
    await worker.logged('counted');
    worker.signal('SIGTERM');
    const job = services.start('job', { REPORT_ALBUMS: '2' });
    const { albums } = (await job.logged('the report')) as unknown as { albums: { plays: number }[] };
    expect(albums).toEqual([
      { title: expect.any(String), artist: expect.any(String), plays: expect.any(Number) },
      { title: expect.any(String), artist: expect.any(String), plays: expect.any(Number) },
    ]);
    expect(albums[0]?.plays).toBeGreaterThanOrEqual(albums[1]?.plays ?? 0);
    expect(await job.exited).toBe(0);
  });

  test('exits with 1 and logs the reason if it may not read', async () => {
    await asAdministrator('ALTER ROLE report_reader DROP MEMBER [CORP\\job-user]');
    try {
      const job = services.start('job');
      expect(await job.logged('the report could not be written')).toMatchObject({ number: 229 });
      expect(await job.exited).toBe(1);
    } finally {
      await asAdministrator('ALTER ROLE report_reader ADD MEMBER [CORP\\job-user]');
    }
  });

  test('exits with 1 if its log, which contains the report, cannot be written', async () => {
    const command = 'exec "$0" services/job/src/main.ts > /dev/full';
    const { stderr, exitCode } = await execa('sh', ['-c', command, process.execPath], {
      ...{ env: services.environment('job'), reject: false },
    });
    expect(stderr).toBe('The report could not be written: ENOSPC: no space left on device, write');
    expect(exitCode).toBe(1);
  });

  test('exits with 1 and a sentence for each wrong setting', async () => {
    const job = services.start('job', { REPORT_ALBUMS: 'many' });
    expect(await job.exited).toBe(1);
    expect(job.errors()).toMatch(/^REPORT_ALBUMS is "many", but it must be a whole number/);
  });
});

describe('SQL Server knows each service by its own login, which only permits its own work:', () => {
  /** "The permission was denied on the object". */
  const denied = 229;
  const statements = {
    'read albums': 'SELECT COUNT(*) AS n FROM dbo.Album',
    'read plays': 'SELECT COUNT(*) AS n FROM dbo.Play',
    'read play counts': 'SELECT COUNT(*) AS n FROM dbo.PlayCount',
    'write play counts': 'UPDATE dbo.PlayCount SET Plays = Plays',
    'write plays': 'INSERT INTO dbo.Play (AlbumId) VALUES (1)',
    'delete play counts': 'DELETE FROM dbo.PlayCount',
    'write albums': "UPDATE dbo.Album SET Title = N'Mine'",
  };
  type Deed = keyof typeof statements;
  const may: Readonly<Record<ServiceName, readonly Deed[]>> = {
    web: ['read albums'],
    worker: ['read plays', 'read play counts', 'write play counts'],
    job: ['read albums', 'read play counts'],
  };

  async function outcome(service: ServiceName, sql: string): Promise<'done' | number> {
    try {
      await services.as(service, sql);
      return 'done';
    } catch (error) {
      return (error as { number?: number }).number ?? -1;
    }
  }

  test.each(['web', 'worker', 'job'] as const)('%s', async (service) => {
    expect(await services.as(service, 'SELECT SUSER_SNAME() AS login')).toEqual([
      { login: `CORP\\${service === 'web' ? 'db' : service}-user` },
    ]);
    for (const [deed, sql] of Object.entries(statements) as [Deed, string][]) {
      expect([deed, await outcome(service, sql)]).toEqual([
        deed,
        may[service].includes(deed) ? 'done' : denied,
      ]);
    }
  });

  test('an extra role is found', async () => {
    await asAdministrator('ALTER ROLE db_datareader ADD MEMBER [CORP\\worker-user]');
    try {
      expect(await outcome('worker', statements['read albums'])).toBe('done');
    } finally {
      await asAdministrator('ALTER ROLE db_datareader DROP MEMBER [CORP\\worker-user]');
    }
    expect(await outcome('worker', statements['read albums'])).toBe(denied);
  });
});
