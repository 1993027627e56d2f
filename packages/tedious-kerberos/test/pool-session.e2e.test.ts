import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type SqlServerProcess, tlsName } from '../../../local/testing/sql-server.ts';
import { type Connection, createPool, kerberos, type Pool, query, Request } from '../src/index.ts';
import { type KerberosSite, startKerberosSite } from './domain/kerberos-site.ts';
import { startMusicServer } from './domain/music-server.ts';

let site: KerberosSite;
let server: SqlServerProcess;
let pool: Pool;
beforeAll(async () => {
  site = await startKerberosSite();
  server = await startMusicServer(site);
  process.env.KRB5_CONFIG = site.domain.krb5Conf;
  process.env.KRB5CCNAME = `FILE:${await site.kinit('tgt')}`;
});
beforeEach(() => {
  pool = createPool({
    connection: {
      server: site.address,
      authenticator: kerberos({ spn: site.spn }),
      tls: { name: tlsName, ca: server.ca },
      options: { port: server.port, database: 'Music' },
    },
    max: 1,
  });
  return () => pool.drain();
});
afterAll(async () => {
  await server?.stop();
  await site?.dispose();
});

/** Runs a batch, whose settings stay in the session, unlike those made in `sp_executesql`. */
function batch(connection: Connection, sql: string): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.execSqlBatch(new Request(sql, (error) => (error ? reject(error) : resolve())));
  });
}

const seen = async (sql: string) => Object.values((await pool.query(sql)).rows[0] ?? {})[0];

test.each([
  ['CONTEXT_INFO', 'SET CONTEXT_INFO 0x0102', 'SELECT CONTEXT_INFO() AS v'],
  ['SET XACT_ABORT', 'SET XACT_ABORT ON', 'SELECT @@OPTIONS & 16384 AS v'],
  ['SET NOCOUNT', 'SET NOCOUNT ON', 'SELECT @@OPTIONS & 512 AS v'],
  ['SET ANSI_WARNINGS', 'SET ANSI_WARNINGS OFF', 'SELECT @@OPTIONS & 8 AS v'],
  ['SET LOCK_TIMEOUT', 'SET LOCK_TIMEOUT 1234', 'SELECT @@LOCK_TIMEOUT AS v'],
  ['USE', 'USE master', 'SELECT DB_NAME() AS v'],
])('the next caller does not see %s', async (_, leave, see) => {
  const before = await seen(see);
  await pool.withConnection(async (connection) => {
    const { rows } = await query(connection, 'SELECT @@SPID AS spid');
    await batch(connection, leave);
    const [left] = (await query(connection, see)).rows;
    expect(Object.values(left ?? {})[0], 'it is there as long as the session is lent').not.toEqual(before);
    expect(rows).toHaveLength(1);
  });
  expect(await seen(see)).toEqual(before);
});

test('the next caller does not see what a query leaves behind, in the same session', async () => {
  const session = await seen('SELECT @@SPID AS spid');
  await pool.query('SET CONTEXT_INFO 0x0102');
  expect(await seen('SELECT CONTEXT_INFO() AS v')).toBeNull();
  expect(await seen('SELECT @@SPID AS spid')).toBe(session);
});

test('the next caller does not see a transaction begun in a batch', async () => {
  await pool.withConnection((connection) => batch(connection, 'BEGIN TRANSACTION'));
  expect(await seen('SELECT @@TRANCOUNT AS v')).toBe(0);
});
