import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type KerberosSite, startKerberosSite } from './kerberos-site.ts';
import { type SqlServerProcess, startSqlServerProcess } from './sql-server.ts';

/** FreeTDS' tsql is a client of another make: what it is told must be right by the protocol, not by tedious' reading of it. */
let site: KerberosSite;
let server: SqlServerProcess;
let environment: NodeJS.ProcessEnv;
const reader = ['-U', 'reader', '-P', 'Reader of 1 table'];

beforeAll(async () => {
  site = await startKerberosSite();
  server = await startSqlServerProcess(site);
  await server.administer(
    `CREATE LOGIN reader WITH PASSWORD = N'Reader of 1 table'`,
    'CREATE LOGIN [CORP\\db-user] FROM WINDOWS',
    'CREATE DATABASE Music',
    'USE Music',
    'CREATE TABLE dbo.Album (AlbumId INT PRIMARY KEY, Title NVARCHAR(160) NOT NULL)',
    `INSERT INTO dbo.Album VALUES (1, N'Ágætis byrjun'), (2, N'Kid A')`,
    'CREATE USER reader FOR LOGIN reader; CREATE USER [CORP\\db-user] FOR LOGIN [CORP\\db-user]',
    'GRANT SELECT ON dbo.Album TO reader, [CORP\\db-user]',
  );
  await site.domain.createUser('nobody', 'No login at all 1');
  const configuration = join(site.directory, 'freetds.conf');
  const authority = join(site.directory, 'ca.pem');
  await writeFile(authority, server.ca);
  await writeFile(
    configuration,
    `${[
      '[music-db]',
      `host = ${site.host}`,
      'port = 1433',
      'tds version = 7.4',
      'encryption = require',
      'client charset = UTF-8',
      `ca file = ${authority}`,
      // FreeTDS can compare the certificate with the host's name only; it bears the TLS name.
      'check certificate hostname = no',
      `spn = ${site.spn}`,
    ].join('\n')}\n`,
  );
  environment = { ...site.domain.environment, FREETDSCONF: configuration, LC_ALL: 'C.UTF-8' };
});
afterAll(async () => {
  await server?.stop();
  await site?.dispose();
});

/** Without a user tsql logs in by Kerberos. */
async function tsql(credentials: readonly string[], sql: string, ccache = '/nothing') {
  const { stdout, stderr, exitCode } = await execa('tsql', ['-S', 'music-db', '-o', 'fhq', ...credentials], {
    env: { ...environment, KRB5CCNAME: `FILE:${ccache}` },
    input: `${sql}\nGO\nEXIT\n`,
    reject: false,
    timeout: 20_000,
  });
  const lines = stdout.split('\n').filter((line) => line !== '');
  return { lines, said: `${stdout}\n${stderr}`, exitCode };
}

const albums = 'SELECT AlbumId, Title FROM Music.dbo.Album ORDER BY AlbumId';
const whoAmI =
  "SELECT SUSER_SNAME() AS login, CAST(CONNECTIONPROPERTY('auth_scheme') AS NVARCHAR(40)) AS scheme";
const ticketOf = async (user: string, password: string) => {
  const file = join(site.directory, user);
  const env = { KRB5_CONFIG: site.domain.krb5Conf };
  await execa('kinit', ['-c', `FILE:${file}`, user], { env, input: password });
  return file;
};

describe('with a SQL login', () => {
  test('reads a table', async () => {
    expect((await tsql(reader, albums)).lines).toEqual(['1\tÁgætis byrjun', '2\tKid A']);
    expect((await tsql(reader, whoAmI)).lines).toEqual(['reader\tSQL']);
  });

  test.each([
    ['a wrong password', ['-U', 'reader', '-P', 'wrong']],
    ['an unknown name', ['-U', 'stranger', '-P', 'Reader of 1 table']],
  ])('is refused with %s', async (_, credentials) => {
    const { said, exitCode } = await tsql(credentials, albums);
    expect(said).toMatch(/Msg 18456.*Login failed for user '(reader|stranger)'/s);
    expect(exitCode).not.toBe(0);
  });
});

describe('with Kerberos', () => {
  test('reads a table', async () => {
    const ccache = await site.kinit('tgt');
    expect((await tsql([], albums, ccache)).lines).toEqual(['1\tÁgætis byrjun', '2\tKid A']);
    expect((await tsql([], whoAmI, ccache)).lines).toEqual(['CORP\\db-user\tKERBEROS']);
  });

  test('is refused for a user of the domain who has no login', async () => {
    const { said, exitCode } = await tsql([], albums, await ticketOf('nobody', 'No login at all 1'));
    expect(said).toMatch(/Msg 18456.*Login failed for user 'CORP\\nobody'/s);
    expect(exitCode).not.toBe(0);
  });

  test('gets nowhere without a ticket', async () => {
    const { said, exitCode } = await tsql([], albums);
    expect(said).not.toContain('Kid A');
    expect(exitCode).not.toBe(0);
  });
});

test.each([
  [
    'a table that is not there',
    'SELECT * FROM Music.dbo.Nothing',
    /Msg 208.*Invalid object name 'Music.dbo.Nothing'/s,
  ],
  ['a table it may not write', 'USE Music\nDELETE FROM dbo.Album', /Msg 229.*DELETE permission was denied/s],
  ['a wrong word', 'SELEC 1', /Msg 102.*Incorrect syntax near/s],
])('tells its number for %s', async (_, sql, message) => {
  expect((await tsql(reader, sql)).said).toMatch(message);
});

test('goes on with the next batch after an error, in the same session', async () => {
  const { said } = await tsql(reader, `SELECT * FROM Nothing\nGO\n${albums}`);
  expect(said).toMatch(/Msg 208.*Kid A|Kid A.*Msg 208/s);
});
