import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sharedFolder, sharedFolderEnvironment } from '@packages/contracts';
import { splitBatches } from '@services/provisioning';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { printDatabaseScript } from '../../lib/operator/release/commands/database-script.ts';
import type { ReleaseContext } from '../../lib/operator/release/context.ts';
import { type KerberosSite, startKerberosSite } from '../../local/testing/kerberos-site.ts';
import { silentPort } from '../../local/testing/silent-port.ts';
import { type SqlServerProcess, startSqlServerProcess } from '../../local/testing/sql-server.ts';
import { exampleDeployment, existingDatabase } from '../infrastructure/example-deployment.ts';

const login = 'CORP\\db-user';
const roles = ['db_datareader', 'db_datawriter'];

/** The output of `npm run release -- database-script staging --json` for an existing database. */
function printed(): { readonly script: string; readonly check: string } {
  const deployment = exampleDeployment(({ environments: [staging] }) => {
    if (staging) staging.database = { ...existingDatabase, userRoles: ['db_datawriter'] };
  });
  const lines: string[] = [];
  const context = { deployment, json: true, print: (line: string) => lines.push(line) };
  printDatabaseScript(context as unknown as ReleaseContext, 'staging');
  return JSON.parse(lines.join());
}

/** The principals and role members of the server and the database. */
const principals = [
  'SELECT name, principal_id FROM sys.server_principals ORDER BY principal_id',
  'SELECT name, principal_id, type FROM sys.database_principals ORDER BY principal_id',
  'SELECT role_principal_id, member_principal_id FROM sys.database_role_members ORDER BY 1, 2',
];

describe('an existing SQL Server of someone else', () => {
  let site: KerberosSite;
  let server: SqlServerProcess;
  beforeAll(async () => {
    site = await startKerberosSite();
    server = await startSqlServerProcess(site);
    await writeFile(join(site.directory, 'ca.pem'), server.ca);
    await site.kinit('krbcache', { service: site.spn });
    await server.administer(
      'CREATE DATABASE [Music]',
      'USE [Music]',
      'CREATE TABLE dbo.Album (AlbumId int NOT NULL PRIMARY KEY, Title nvarchar(100) NOT NULL)',
      'CREATE DATABASE [Other]',
    );
  });
  afterAll(async () => {
    await server?.stop();
    await site?.dispose();
  });

  /** Runs statements with the service ticket of web, in a process with the environment of web's container. */
  async function asWeb(environment: NodeJS.ProcessEnv, ...statements: string[]) {
    const program = join(import.meta.dirname, 'log-in.ts');
    const { stdout } = await execa(process.execPath, [program, ...statements], {
      extendEnv: false,
      env: {
        ...sharedFolderEnvironment(site.directory),
        ...site.domain.environment,
        ...{ KRB5CCNAME: `FILE:${sharedFolder(site.directory).cache}`, KRB5_CONFIG: site.domain.krb5Conf },
        ...{ SQL_SERVER: site.host, SQL_DATABASE: 'Music', SQL_TLS_NAME: server.tlsName },
        ...{ SQL_TLS_CA_FILE: join(site.directory, 'ca.pem'), CONNECT_TIMEOUT_SECONDS: '60' },
        ...environment,
      },
    });
    return stdout.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
  }
  const standing = async () =>
    Promise.all(principals.map((query) => server.administer('USE [Music]', query)));

  test('the script for its administrator gives web access with exactly the configured roles', async () => {
    const { script, check } = printed();
    const batches = splitBatches('script.sql', script).map(({ sql }) => sql);
    expect(await asWeb({}, 'SELECT 1 AS one')).toEqual([{ login: 'LOGIN_REFUSED' }]);

    const first = await server.administer(...batches);
    const all = ['login', 'user', ...roles.map((role) => `role ${role}`)].map((name) => ({
      check: name,
      ok: 1,
    }));
    expect(first).toEqual(all);
    const [who, reads, writes, makes, gives, creates, elsewhere, checked] = await asWeb(
      {},
      "SELECT SUSER_SNAME() AS login, CONNECTIONPROPERTY('auth_scheme') AS scheme",
      'SELECT COUNT(*) AS albums FROM dbo.Album',
      "INSERT INTO dbo.Album (AlbumId, Title) VALUES (1, N'One')",
      'CREATE TABLE dbo.Own (a int)',
      `ALTER ROLE db_owner ADD MEMBER [${login}]`,
      'CREATE DATABASE [Own]',
      'USE [Other]',
      check,
    );
    expect(who).toEqual({ rows: [{ login, scheme: 'KERBEROS' }] });
    expect(reads).toEqual({ rows: [{ albums: 0 }] });
    expect(writes).not.toHaveProperty('error');
    // The different ways in which SQL Server denies permission.
    expect([makes, gives, creates, elsewhere]).toEqual([262, 15151, 262, 916].map((error) => ({ error })));
    expect(checked).toEqual({ rows: all });

    const before = await standing();
    expect(await server.administer(...batches)).toEqual(all);
    expect(await standing()).toEqual(before);
  });

  test('the check reports what is missing', async () => {
    const { check } = printed();
    await server.administer('USE [Music]', `ALTER ROLE db_datawriter DROP MEMBER [${login}]`);
    const [checked] = await asWeb({}, check);
    await server.administer('USE [Music]', `ALTER ROLE db_datawriter ADD MEMBER [${login}]`);
    expect((checked?.rows as { ok: number }[] | undefined)?.filter(({ ok }) => ok !== 1)).toEqual([
      { check: 'role db_datawriter', ok: 0 },
    ]);
  });

  test('for a listener with several addresses, the live one is used, whichever comes first', async () => {
    const dead = site.address.replace(/\d+$/, '21');
    const silent = await silentPort(dead, 1433);
    try {
      const names = { 'dead-first': [dead, site.address], 'living-first': [site.address, dead] };
      for (const [name, addresses] of Object.entries(names)) {
        const host = `${name}.${site.domain.name}`;
        await appendFile(site.domain.hosts, addresses.map((address) => `${address} ${host}\n`).join(''));
        // The listener's SPN is registered on the account that its replicas run as.
        const environment = { SQL_SERVER: host, SQL_SPN: `${site.spn}@${site.domain.realm}` };
        const parallel = { ...environment, SQL_MULTI_SUBNET: 'true' };
        expect(await asWeb(parallel, 'SELECT SUSER_SNAME() AS login'), name).toEqual([{ rows: [{ login }] }]);
        // One after the other, the silent address uses up all the available time.
        if (name !== 'dead-first') continue;
        expect(await asWeb({ ...environment, CONNECT_TIMEOUT_SECONDS: '1' })).toEqual([{ login: 'TIMEOUT' }]);
      }
    } finally {
      silent.stop();
    }
  });
});
