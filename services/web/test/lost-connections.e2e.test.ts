import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Forwarder, startForwarder } from '../../../local/database/forwarder.ts';
import { type SqlServerProcess, startSqlServerProcess } from '../../../local/testing/sql-server.ts';
import { type MusicSite, startMusicSite } from './music-site.ts';

const elsewhere = 14_330;
let music: MusicSite;
let sqlServer: SqlServerProcess;
let network: Forwarder;
let url: string;
let log: readonly Record<string, unknown>[];

/** The SQL Server is reached over a network that can lose its connections. */
beforeAll(async () => {
  music = await startMusicSite();
  await music.stopSqlServer();
  const { site } = music;
  sqlServer = await startSqlServerProcess(site, { port: elsewhere });
  network = await startForwarder(
    { address: site.address, port: 1433 },
    { host: site.address, port: elsewhere },
  );
  const started = await music.startWeb({ POOL_MIN: '10', LOG_LEVEL: 'trace' });
  url = started.url;
  log = started.web.log;
  await started.web.logged('the database answers');
});
afterAll(async () => {
  await network?.stop();
  await sqlServer?.stop();
  await music?.dispose();
});

const albums = async () => (await fetch(`${url}/api/albums`)).status;
/** Opens as many connections as the pool has. */
const openAll = () => Promise.all(Array.from({ length: 40 }, albums));

test('all connections are silently lost while they are idle: no visitor fails', async () => {
  expect(new Set(await openAll())).toEqual(new Set([200]));
  await expect.poll(() => log.length).toBeGreaterThan(40);
  // Wait until the connections have been unused for longer than the pool trusts them.
  const readiness = async () => (await fetch(`${url}/livez`)).status;
  const idle = performance.now() + 300;
  await expect.poll(async () => (await readiness()) === 200 && performance.now() > idle).toBe(true);
  network.cut({ silently: true });
  for (let visitor = 0; visitor < 5; visitor += 1) expect(await albums(), `visitor ${visitor}`).toBe(200);
});

test('the connection is lost during a query: 503 and when to come back; the next visitor is served', async () => {
  const before = log.length;
  const answerOfBroken = async () => {
    expect(await albums()).toBe(200);
    network.suspend();
    const sent = log.length;
    const underWay = fetch(`${url}/api/albums`);
    await expect.poll(() => log.slice(sent).some(({ msg }) => msg === 'arrived')).toBe(true);
    network.cut();
    network.resume();
    const { status, headers } = await underWay;
    return [status, headers.get('retry-after')];
  };
  // On a busy machine a connection may be unused for a quarter of a second. The pool then validates it first, and no
  // visitor fails, so try until one does.
  await expect.poll(answerOfBroken).toEqual([503, '5']);
  // The log takes another path than the answer, and may arrive after it.
  await expect
    .poll(() => log.slice(before).find(({ msg }) => msg === 'could not answer'))
    .toMatchObject({ kind: 'unavailable', code: 'CONNECTION_LOST' });
  expect(await albums()).toBe(200);
});
