import { copyFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createPool, kerberos, type Pool, type PoolConfig, readCredentialCache } from '../src/index.ts';
import { type GssapiServer, startGssapiServer } from './domain/gssapi-server.ts';
import { type KerberosSite, startKerberosSite } from './domain/kerberos-site.ts';

let site: KerberosSite;
let server: GssapiServer;
let pool: Pool;
let ccache: string;
beforeAll(async () => {
  site = await startKerberosSite();
  server = await startGssapiServer(site);
  ccache = join(site.directory, 'krbcache');
  process.env.KRB5CCNAME = `FILE:${ccache}`;
});
afterAll(async () => {
  await server?.stop();
  await site?.dispose();
});
beforeEach(() => rm(ccache, { force: true }));
afterEach(() => pool.drain({ timeoutMilliseconds: 0 }));

function start(settings: Partial<PoolConfig> = {}): void {
  pool = createPool({
    connection: {
      server: site.address,
      authenticator: kerberos({ spn: site.spn }),
      options: { port: 1433, encrypt: false },
    },
    acquireTimeoutMilliseconds: 60_000,
    ...settings,
  });
}

/** Publishes a ticket where the pool looks for it, by renaming a file, as a sidecar does. */
async function publish(file: string): Promise<void> {
  await copyFile(file, `${ccache}.new`);
  await rename(`${ccache}.new`, ccache);
}

const ticket = () => site.kinit('good', { service: site.spn });

/** Obtains a short-lived ticket and waits until it has expired. */
async function expiredTicket(): Promise<string> {
  const file = await site.kinit('short', { service: site.spn, lifetime: 2 });
  const ends = (await readCredentialCache(file)).tickets[0]?.endsAt.getTime() ?? 0;
  await expect.poll(() => Date.now()).toBeGreaterThan(ends + 1000);
  return file;
}

test('a query before the first ticket waits for it', async () => {
  start();
  const waiting = pool.query('SELECT 1');
  await expect.poll(() => pool.status().connecting).toBe(1);
  await publish(await ticket());
  await waiting;
});

test('the pool watches the cache of the authenticator, if it has its own', async () => {
  const own = join(site.directory, 'own-cache');
  pool = createPool({
    connection: {
      server: site.address,
      authenticator: kerberos({ spn: site.spn, ccache: own }),
      options: { port: 1433, encrypt: false },
    },
    acquireTimeoutMilliseconds: 60_000,
  });
  const waiting = pool.query('SELECT 1');
  await expect.poll(() => pool.status().connecting).toBe(1);
  await copyFile(await ticket(), `${own}.new`);
  await rename(`${own}.new`, own);
  await waiting;
});

test('a query with an expired ticket waits for the next', async () => {
  await publish(await expiredTicket());
  const next = await ticket();
  start();
  const waiting = pool.query('SELECT 1');
  await expect.poll(() => pool.status().connecting).toBe(1);
  await publish(next);
  await waiting;
});

test('without a next ticket the query fails at the time limit, and says why', async () => {
  await publish(await expiredTicket());
  start({ acquireTimeoutMilliseconds: 3000 });
  await expect(pool.query('SELECT 1')).rejects.toMatchObject({ code: 'TICKET_EXPIRED' });
  expect(pool.status().lastLoginError?.error.code).toBe('TICKET_EXPIRED');
});

test('live connections outlive the ticket, and new ones use the new ticket', async () => {
  await publish(await ticket());
  start({ max: 2, acquireTimeoutMilliseconds: 60_000 });
  await pool.withConnection(async (first) => {
    const logins = server.clients.length;
    await rm(ccache);
    expect(first.idle).toBe(true);
    const second = pool.query('SELECT 1');
    await expect.poll(() => pool.status().connecting).toBe(1);
    expect(server.clients).toHaveLength(logins);
    await publish(await ticket());
    await second;
    expect(server.clients).toHaveLength(logins + 1);
  });
  await pool.query('SELECT 1');
});

test('a login with a ticket for the old key is retried with a ticket that came in the meantime', async () => {
  const stale = await ticket();
  await site.domain.createServiceAccount({ name: 'sql-server', spns: [site.spn], keytab: site.keytab });
  const fresh = await site.kinit('fresh', { service: site.spn });
  await publish(stale);
  const refused = server.logins.length;
  server.beforeRefusal = () => publish(fresh);
  start();
  await pool.query('SELECT 1');
  expect(server.logins.length).toBe(refused + 2);
});

test('200 simultaneous logins', async () => {
  await publish(await ticket());
  start({ min: 200, max: 200, acquireTimeoutMilliseconds: 60_000 });
  const before = server.clients.length;
  await pool.warm();
  expect(server.clients.length).toBe(before + 200);
  expect(pool.status()).toMatchObject({ free: 200 });
});
