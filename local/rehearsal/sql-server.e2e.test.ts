import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serverCertificate } from '../database/certificates.ts';
import type { DatabaseServer } from '../database/server.ts';
import { standInServer } from '../database/stand-in-server.ts';
import { writeClientFiles } from './client-files.ts';
import { startDirectory } from './directories.ts';
import { secretsOf } from './given-user.ts';
import { provisionMusicDatabase, provisionUser } from './provisioning.ts';
import { createRehearsal, type Rehearsal } from './rehearsal.ts';
import { startDatabase } from './sql-server.ts';

const tlsName = 'sql.example.com';
const administrator = { username: 'dba', password: 'Of 1 server of theirs' };

/**
 * A rehearsal up to its database, with the stand-in and with a server that a user has started at another address. The
 * client is FreeTDS' tsql, with the files that the rehearsal writes for a user's shell, so that a client other than
 * tedious is tested, too.
 */
describe.each(['the stand-in', 'a server of the user'] as const)('with %s', (make) => {
  let rehearsal: Rehearsal;
  let folder: string;
  let theirs: DatabaseServer | undefined;
  const said: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rehearsal-sql-server-'));
    const given = make === 'a server of the user';
    const { caFile } = await serverCertificate(join(folder, 'theirs', 'tls'), tlsName);
    const target = { host: '127.80.1.99', port: 14_330 };
    rehearsal = await createRehearsal({
      port: 0,
      stateDirectory: folder,
      sqlServer: given ? { target, administrator, authorityFile: caFile, tlsName } : undefined,
    });
    await startDirectory(rehearsal);
    await provisionUser(rehearsal, () => {});
    let started: Promise<void> | undefined;
    await startDatabase(rehearsal, (line) => {
      said.push(line);
      theirs = standInServer({
        name: 'theirs',
        address: target.host,
        port: target.port,
        tlsName,
        administrator,
        domain: rehearsal.names,
        keytab: join(folder, 'given-sql-server', 'sql-server.keytab'),
        environment: rehearsal.part('domain').environment,
        stateDirectory: folder,
      });
      started = theirs.start();
    });
    await started;
    await provisionMusicDatabase(rehearsal, () => {});
  });
  afterAll(async () => {
    await rehearsal?.dispose();
    await theirs?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Runs tsql in a shell that has sourced the file and obtained a ticket for the directory user. */
  async function tsql(sql: string) {
    const { names } = rehearsal;
    const file = await writeClientFiles(rehearsal);
    const secret = await secretsOf(rehearsal).read(names.userSecret, { stage: 'AWSCURRENT' });
    const env = { KRB5CCNAME: `FILE:${join(folder, 'krbcache')}`, LC_ALL: 'C.UTF-8' };
    const shell = (command: string, input: string) =>
      execa('sh', ['-c', `. ${file}; ${command}`], { env, input, reject: false });
    await shell(`kinit ${names.directoryUser}`, JSON.parse(secret?.value ?? '{}').password);
    const { stdout, stderr } = await shell(`tsql -S ${names.instance} -o fhq`, `${sql}\nGO\nEXIT\n`);
    return { lines: stdout.split('\n').filter((line) => line !== ''), said: `${stdout}\n${stderr}` };
  }

  test('the directory user logs in by Kerberos and reads the music store', async () => {
    const { names } = rehearsal;
    const scheme = "CAST(CONNECTIONPROPERTY('auth_scheme') AS nvarchar(40))";
    expect((await tsql(`SELECT SUSER_SNAME(), ${scheme}`)).lines).toEqual([`${names.login}\tKERBEROS`]);
    const names9 = `USE ${names.database}\nSELECT Name FROM dbo.Artist WHERE ArtistId = 48`;
    expect((await tsql(names9)).lines).toContain('Björk');
  });

  test('it may not write', async () => {
    const sql = `USE ${rehearsal.names.database}\nDELETE FROM dbo.Album`;
    expect((await tsql(sql)).said).toMatch(/Msg 229.*DELETE permission was denied/s);
  });

  test('prints how to start such a server, and writes the files it needs', async () => {
    if (make === 'the stand-in') {
      expect(said).toEqual([]);
      return;
    }
    const files = join(folder, 'given-sql-server');
    expect(said.join()).toContain('waiting for SQL Server at 127.80.1.99:14330, as dba.');
    expect(said.join()).toContain(`--volume ${files}:/var/opt/mssql/secrets:ro`);
    expect(said.join()).toContain('not run here');
    expect(said.join()).not.toContain(administrator.password);
    expect(await readFile(join(files, 'mssql.conf'), 'utf8')).toContain(
      'kerberoskeytabfile = /var/opt/mssql/secrets/sql-server.keytab\nprivilegedadaccount = ',
    );
    const { mode, uid } = await stat(join(files, 'sql-server.keytab'));
    expect([mode & 0o777, uid]).toEqual([0o400, 10_001]);
  });
});
