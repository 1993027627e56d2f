import { afterAll, beforeAll, expect, test } from 'vitest';
import { provisionDatabase, removeDatabaseLogin } from '../src/index.ts';
import { script, startTestServer, type TestServer } from './database-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.stop());

const count = async (database: string, table: string) =>
  (await server.query(database, `SELECT COUNT(*) AS [count] FROM ${table}`))[0]?.count;
const isMember = async (database: string, role: string) =>
  (await server.query(database, `SELECT IS_ROLEMEMBER(N'${role}', N'CORP\\${database}') AS [is]`))[0]?.is;

test('the music store is made, and its reader may only read', async () => {
  const options = server.options('store');
  await provisionDatabase(options);
  expect(await count('store', 'dbo.Album')).toBeGreaterThanOrEqual(60);
  expect(await count('store', 'dbo.Track')).toBeGreaterThan(200);
  expect(await isMember('store', 'db_datareader')).toBe(1);
  expect(await isMember('store', 'db_datawriter')).toBe(0);
});

test('a second run changes nothing', async () => {
  const options = server.options('again');
  await provisionDatabase(options);
  const before = await server.query('again', 'SELECT * FROM provisioning.applied_batch');
  await provisionDatabase(options);
  expect(await server.query('again', 'SELECT * FROM provisioning.applied_batch')).toEqual(before);
  expect(await count('again', 'dbo.Artist')).toBe(await count('store', 'dbo.Artist'));
});

test('roles follow the configuration, up and down', async () => {
  await provisionDatabase(
    server.options('roles', { scripts: [], roles: ['db_datareader', 'db_datawriter'] }),
  );
  expect(await isMember('roles', 'db_datawriter')).toBe(1);
  await provisionDatabase(server.options('roles', { scripts: [] }));
  expect(await isMember('roles', 'db_datawriter')).toBe(0);
  expect(await isMember('roles', 'db_datareader')).toBe(1);
});

test('GO n runs a batch n times, once', async () => {
  const scripts = [script('a.sql', 'CREATE TABLE t (n int)\nGO\nINSERT INTO t VALUES (1)\nGO 3\n')];
  await provisionDatabase(server.options('repeated', { scripts }));
  await provisionDatabase(server.options('repeated', { scripts }));
  expect(await count('repeated', 't')).toBe(3);
});

test('a syntax error in the 40th batch is located exactly, and the next run continues there', async () => {
  const batches = Array.from({ length: 60 }, (_, i) => `-- batch ${i + 1}\nINSERT INTO t VALUES (${i + 1})`);
  batches[0] = 'CREATE TABLE t (n int)\n';
  const sound = batches.join('\nGO\n');
  batches[39] = '-- batch 40\nINSERT INTO t VALUES (39.5)\nINSERT INTO t VALEUS (40)';
  const broken = server.options('broken', { scripts: [script('data.sql', batches.join('\nGO\n'))] });

  const failure = await provisionDatabase(broken).catch((error: Error) => error);
  expect((failure as Error).message).toMatch(
    /^data\.sql, line 120, batch 40 of 60: .*VALEUS.* \(SQL Server error 102\); the 39 batches before it are applied/,
  );
  expect(await count('broken', 't')).toBe(38);

  await provisionDatabase({ ...broken, scripts: [script('data.sql', sound)] });
  expect(await server.query('broken', 'SELECT n FROM t ORDER BY n')).toEqual(
    Array.from({ length: 59 }, (_, i) => ({ n: i + 2 })),
  );
});

test.each<[number, string]>([
  [1, 'no batch before it is applied, and the next run begins with this one'],
  [2, 'the batch before it is applied, and the next run goes on from this one'],
  [3, 'the 2 batches before it are applied, and the next run goes on from this one'],
])('batch %d fails: %s', async (number, state) => {
  const batches = ['CREATE TABLE t (n int)', 'INSERT INTO t VALUES (1)', 'INSERT INTO t VALUES (2)'];
  const text = batches.with(number - 1, 'nonsense').join('\nGO\n');
  const options = server.options(`fails-${number}`, { scripts: [script('a.sql', text)] });
  await expect(provisionDatabase(options)).rejects.toThrow(`; ${state}.`);
});

test('applied batches must not change: a script may only grow, or be followed by another', async () => {
  const first = 'CREATE TABLE t (n int)\nGO\nINSERT INTO t VALUES (1)\n';
  const run = (...texts: string[]) =>
    provisionDatabase(
      server.options('versions', { scripts: texts.map((text, i) => script(`00${i + 1}.sql`, text)) }),
    );
  await run(first);
  await expect(run(first.replace('(1)', '(2)'))).rejects.toThrow(
    '001.sql, line 3: batch 2 was changed after it had been applied',
  );
  await expect(run('CREATE TABLE t (n int)')).rejects.toThrow('001.sql has 1 batch, but 2 had been applied');
  await run(`${first}GO\nINSERT INTO t VALUES (2)`);
  await run(`${first}GO\nINSERT INTO t VALUES (2)`, 'INSERT INTO t VALUES (3)');
  expect(await server.query('versions', 'SELECT n FROM t ORDER BY n')).toEqual([
    { n: 1 },
    { n: 2 },
    { n: 3 },
  ]);
});

test('a script may hold transactions over several batches: they are applied as a whole', async () => {
  const batches = [
    'CREATE TABLE t (n int)',
    'BEGIN TRANSACTION',
    'INSERT INTO t VALUES (1)',
    'INSERT INTO t VALEUS (2)',
    'COMMIT TRANSACTION',
  ];
  const run = (texts: string[]) =>
    provisionDatabase(server.options('whole', { scripts: [script('a.sql', texts.join('\nGO\n'))] }));
  await expect(run(batches)).rejects.toThrow(
    /^a.sql, line 7, batch 4 of 5: .* 1 batch is applied, the others were rolled back, and the next run goes on after that/,
  );
  expect(await count('whole', 't')).toBe(0);
  const mended = batches.with(3, 'INSERT INTO t VALUES (2)');
  await expect(run(mended.slice(0, -1))).rejects.toThrow('a.sql ends within a transaction that it began');
  expect(await count('whole', 't')).toBe(0);
  await run(mended);
  expect(await count('whole', 't')).toBe(2);
});

test('statements that cannot run in a transaction are applied, too', async () => {
  const text = 'CREATE LOGIN [CORP\\helper] FROM WINDOWS\nGO\nCREATE TABLE t (n int)';
  const options = server.options('no-transaction', { scripts: [script('a.sql', text)] });
  await provisionDatabase(options);
  await provisionDatabase(options);
  expect(await server.query('no-transaction', 'SELECT batch FROM provisioning.applied_batch')).toHaveLength(
    2,
  );
});

test('what a script set for its session is set again when it continues', async () => {
  const batches = [
    'CREATE TABLE t (n int IDENTITY PRIMARY KEY)',
    'SET IDENTITY_INSERT t ON;\nSET NOCOUNT ON',
    'INSERT INTO t (n) VALUES (40)',
    'INSERT INTO t (n) VALEUS (41)',
  ];
  const run = (texts: string[]) =>
    provisionDatabase(server.options('settings', { scripts: [script('a.sql', texts.join('\nGO\n'))] }));
  await expect(run(batches)).rejects.toThrow('batch 4 of 4');
  await run(batches.with(3, 'INSERT INTO t (n) VALUES (41)'));
  expect(await server.query('settings', 'SELECT n FROM t ORDER BY n')).toEqual([{ n: 40 }, { n: 41 }]);
});

test("a script's own making and dropping of databases is left out; one for another database is refused", async () => {
  const text = [
    "IF DB_ID(N'guarded') IS NOT NULL DROP DATABASE [guarded]",
    'CREATE DATABASE [guarded]',
    'USE [guarded]',
    'CREATE TABLE t (n int)',
  ].join('\nGO\n');
  const said: string[] = [];
  const options = server.options('guarded', {
    scripts: [script('a.sql', text)],
    progress: (line) => said.push(line),
  });
  await provisionDatabase(options);
  expect(await count('guarded', 't')).toBe(0);
  expect(said).toContain(
    'a.sql, line 1: left out, because provisioning makes the database and never drops it.',
  );

  const other = server.options('other', { scripts: [script('a.sql', text)] });
  await expect(provisionDatabase(other)).rejects.toThrow(
    'a.sql, line 1: this batch creates, drops or changes the database guarded, not other: configure that name, or change the',
  );
  const later = server.options('other', { scripts: [script('a.sql', 'SELECT 1\nGO\n\nUSE guarded')] });
  await expect(provisionDatabase(later)).rejects.toThrow(
    'a.sql, line 4: the script is for the database guarded, not other',
  );
});

test('the login that was made is removed with its user; the data stays', async () => {
  const options = server.options('removed');
  await provisionDatabase(options);
  await removeDatabaseLogin(options);
  await removeDatabaseLogin(options);
  const gone =
    "SELECT SUSER_ID(N'CORP\\removed') AS login, DATABASE_PRINCIPAL_ID(N'CORP\\removed') AS [user]";
  expect(await server.query('removed', gone)).toEqual([{ login: null, user: null }]);
  expect(await count('removed', 'dbo.Album')).toBeGreaterThan(0);
});

test("a login of others' is used, and stays", async () => {
  await server.query('master', 'CREATE LOGIN [CORP\\adopted] FROM WINDOWS');
  const options = server.options('adopted', { scripts: [] });
  await provisionDatabase(options);
  await removeDatabaseLogin(options);
  expect(await server.query('adopted', "SELECT SUSER_NAME(SUSER_ID(N'CORP\\adopted')) AS name")).toEqual([
    { name: 'CORP\\adopted' },
  ]);
});
