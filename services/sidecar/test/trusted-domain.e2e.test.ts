import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sharedFolderEnvironment } from '@packages/contracts';
import { execa } from 'execa';
import {
  configurationFrom,
  formatPrincipal,
  KdcClient,
  obtainInitialTicket,
  obtainServiceTicket,
  parseCredentialCache,
  parsePrincipal,
} from 'kerberos-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DatabaseServer } from '../../../local/database/server.ts';
import { standInServer } from '../../../local/database/stand-in-server.ts';
import { type Domain, startDomain } from '../../../local/directory/domain.ts';
import { claimLoopbackNetwork } from '../../../local/directory/loopback-network.ts';
import { trustDomain } from '../../../local/directory/trust.ts';
import { type RunnableSidecar, runnableSidecar } from '../../../local/testing/runnable-sidecar.ts';
import { tlsName } from '../../../local/testing/sql-server.ts';
import { renderKrb5Conf } from '../src/kerberos/krb5-conf.ts';
import { runDoctor } from './doctor/doctor-process.ts';
import { acceptContext, initiateContext } from './security-context.ts';
import { type SidecarProcess, startSidecarProcess } from './sidecar-process.ts';
import { password, startTestDomain, type TestDomain } from './test-domain.ts';

const host = 'sql.partner.example.org';
const spn = `MSSQLSvc/${host}:1433`;
const realm = 'PARTNER.EXAMPLE.ORG';

/** Logs in as the web service does, in a process that gets only this environment. */
const logIn = `
import { readFileSync } from 'node:fs';
import { connect, kerberos, query } from 'tedious-kerberos';
const { SQL_SERVER: server, SQL_TLS_NAME: name, SQL_TLS_CA_FILE: file } = process.env;
const connection = await connect({
  server,
  authenticator: kerberos(),
  tls: { name, ca: readFileSync(file, 'utf8') },
  options: { port: 1433, database: 'Music', connectTimeout: 60_000 },
});
const { rows } = await query(connection, "SELECT SUSER_SNAME() AS login, CONNECTIONPROPERTY('auth_scheme') AS scheme");
console.log(JSON.stringify(rows[0]));
connection.close();`;

async function loggedIn(environment: NodeJS.ProcessEnv): Promise<unknown> {
  const { stdout } = await execa(process.execPath, ['--input-type=module', '-e', logIn], {
    cwd: import.meta.dirname,
    env: { PATH: process.env.PATH, ...environment },
    extendEnv: false,
  });
  return JSON.parse(stdout);
}

/** The user is in CORP, and SQL Server in PARTNER, which trusts CORP. */
describe('a SQL Server in another domain, which trusts that of the user', () => {
  const cleanUp = new AsyncDisposableStack();
  let users: TestDomain;
  let servers: Domain;
  let programs: RunnableSidecar;
  let server: DatabaseServer;
  let sidecar: SidecarProcess;

  beforeAll(async () => {
    users = await startTestDomain();
    cleanUp.defer(() => users.dispose());
    const network = await claimLoopbackNetwork();
    cleanUp.defer(() => network.release());
    const stateDirectory = join(users.directory, 'partner');
    servers = await startDomain({ network, stateDirectory, name: realm });
    cleanUp.defer(() => servers.dispose());
    await trustDomain({ trusting: servers, trusted: users.domain });

    const keytab = join(users.directory, 'partner.keytab');
    await servers.createServiceAccount({ name: 'sql', spns: [spn], keytab });
    await users.user('db-user');
    await appendFile(users.domain.hosts, `${network.address(20)} ${host}\n`);
    server = standInServer({
      ...{ address: network.address(20), tlsName, keytab, stateDirectory },
      administrator: { username: 'admin', password: 'Adm1n of this test' },
      // The domain whose accounts it knows.
      domain: users.domain,
      environment: { KRB5_CONFIG: servers.krb5Conf },
    });
    await server.start();
    cleanUp.defer(() => server.stop());
    await server.administer(
      'CREATE DATABASE [Music]',
      'CREATE LOGIN [CORP\\db-user] FROM WINDOWS',
      'USE [Music]',
      'CREATE USER [CORP\\db-user] FOR LOGIN [CORP\\db-user]',
      'ALTER ROLE [db_datareader] ADD MEMBER [CORP\\db-user]',
    );
    programs = await runnableSidecar(users.directory);
    sidecar = await startSidecarProcess(users, programs, {
      name: 'trusted',
      user: 'db-user',
      environment: { SQL_SPN: `${spn}@${realm}`, SQL_REALM_KDCS: servers.kdcs.join() },
    });
    cleanUp.defer(async () => void (await sidecar.stop()));
    await sidecar.state('healthy');
  });
  afterAll(() => cleanUp.disposeAsync());

  test('the sidecar publishes only the ticket for that server, which gives access to nothing else', async () => {
    const cache = parseCredentialCache(await readFile(join(sidecar.shared, 'krbcache')));
    expect(formatPrincipal(cache.principal)).toBe('db-user@CORP.EXAMPLE.COM');
    // There is no ticket-granting ticket, neither for the user's domain nor a referral to the other.
    expect(cache.credentials.map((credential) => formatPrincipal(credential.server))).toEqual([
      `${spn}@${realm}`,
    ]);
    // The sidecar itself has those, in its own folder.
    const own = parseCredentialCache(await readFile(join(sidecar.privateDirectory, 'tgt')));
    expect(own.credentials.map((credential) => formatPrincipal(credential.server))).toContain(
      'krbtgt/CORP.EXAMPLE.COM@CORP.EXAMPLE.COM',
    );
  });

  test('web logs in with that ticket alone, with neither domain at hand', async () => {
    await Promise.all([users.domain.stop(), servers.stop()]);
    try {
      const outcome = await loggedIn({
        ...users.domain.environment,
        ...sharedFolderEnvironment(sidecar.shared),
        ...{ SQL_SERVER: host, SQL_TLS_NAME: tlsName, SQL_TLS_CA_FILE: server.authorityFile },
      });
      expect(outcome).toEqual({ login: 'CORP\\db-user', scheme: 'KERBEROS' });
    } finally {
      await Promise.all([users.domain.start(), servers.start()]);
    }
  });

  test("MIT's GSSAPI uses it, too: the published krb5.conf states the server's realm", async () => {
    const token = await initiateContext(sidecar.shared, spn, users.domain.environment);
    const environment = { ...users, domain: servers };
    expect(await acceptContext(environment, spn, join(users.directory, 'partner.keytab'), token)).toBe(
      'db-user@CORP.EXAMPLE.COM',
    );
  });

  test('the client in TypeScript gets the same ticket, from domain to domain', async () => {
    const common = { domain: users.domain.name, realm: users.domain.realm, encryptionTypes: 'aes' } as const;
    const krb5Conf = renderKrb5Conf({
      ...common,
      ...{ kdcs: users.domain.kdcs, server: { host, realm }, serverKdcs: servers.kdcs },
    });
    const kdc = new KdcClient({ configuration: configurationFrom(krb5Conf) });
    const client = parsePrincipal(`db-user@${users.domain.realm}`);
    const ticketGrantingTicket = await obtainInitialTicket(kdc, { client, password });
    const service = parsePrincipal(spn, realm).name;
    const ticket = await obtainServiceTicket(kdc, { ticketGrantingTicket, service });
    expect(formatPrincipal(ticket.server)).toBe(`${spn}@${realm}`);
    expect(formatPrincipal(ticket.client)).toBe(`db-user@${users.domain.realm}`);
  });

  test('a name that no account of that domain has is reported as such, and not as a missing trust', async () => {
    const nobody = await startSidecarProcess(users, programs, {
      name: 'nobody',
      user: 'db-user',
      environment: {
        SQL_SPN: `MSSQLSvc/nobody.partner.example.org:1433@${realm}`,
        SQL_REALM_KDCS: servers.kdcs.join(),
      },
    });
    try {
      expect((await nobody.state('unhealthy')).lastError).toMatchObject({ code: 'server-unknown' });
    } finally {
      await nobody.stop();
    }
  });

  test("the doctor follows the path through both domains, and reports which one's controllers are silent", async () => {
    const environment = {
      ...sidecar.environment,
      ...users.domain.environment,
      ...{
        SQL_SERVER: host,
        SQL_DATABASE: 'Music',
        SQL_TLS_NAME: tlsName,
        SQL_TLS_CA_FILE: server.authorityFile,
      },
      PRIVATE_DIRECTORY: users.directory,
    };
    const well = await runDoctor({ main: programs.main, environment });
    expect(well.failures, well.text).toEqual([]);
    expect(well.find('trusted-controller')).toMatchObject({ status: 'passed' });
    expect(well.find('ticket')?.detail).toContain(spn);
    expect(well.find('login')?.detail).toContain('CORP\\db-user');
    await servers.stop();
    try {
      const run = await runDoctor({ main: programs.main, environment });
      expect(run.failures).toEqual(['trusted-controller', 'ticket']);
      expect(run.find('trusted-controller')).toMatchObject({ code: 'CONTROLLER_REFUSES', ask: 'directory' });
      expect(run.find('ticket')).toMatchObject({ code: 'KDC_UNREACHABLE' });
    } finally {
      await servers.start();
    }
  });
});
