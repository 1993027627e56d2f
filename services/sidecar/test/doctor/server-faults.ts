import { once } from 'node:events';
import { copyFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { startBindingServer } from '../../../../local/testing/binding-server.ts';
import { silentPort } from '../../../../local/testing/silent-port.ts';
import { startSqlServerProcess } from '../../../../local/testing/sql-server.ts';
import { issueCertificate } from '../../../../local/testing/tds-server/certificate.ts';
import { type DoctorSite, expectFailure } from './doctor-site.ts';

/** The service principal name, SQL Server, its certificate, logins and rights. */
export function serverFaults(get: () => DoctorSite): void {
  test('ticket: the directory has no such name', async () => {
    const run = await get().doctor({ environment: { SQL_SPN: `MSSQLSvc/alias.${get().domain.name}:1433` } });
    expectFailure(run, 'ticket', {
      code: 'SPN_UNKNOWN',
      ask: 'directory',
      detail: /no service MSSQLSvc\/alias/,
    });
  });

  test('ticket: two accounts have the name', async () => {
    const { domain, directory, doctor } = get();
    const spn = `MSSQLSvc/twice.${domain.name}:1433`;
    await domain.createServiceAccount({
      name: 'first',
      spns: [spn],
      keytab: join(directory, 'first.keytab'),
    });
    await domain.samba(['user', 'create', 'second', '--random-password']);
    // Bypass the domain controller, which refuses to register a name twice; two domain controllers out of sync can
    // produce this.
    const partition = join(directory, 'domain', 'private', 'sam.ldb.d', `${domain.baseDn.toUpperCase()}.ldb`);
    const dn = `CN=second,CN=Users,${domain.baseDn}`;
    await execa('ldbmodify', ['-H', partition], {
      input: `dn: ${dn}\nchangetype: modify\nadd: servicePrincipalName\nservicePrincipalName: ${spn}\n-\n`,
    });
    const run = await doctor({ environment: { SQL_SPN: spn } });
    expect(run.failures, run.text).toEqual(['ticket']);
    expect(run.find('ticket')).toMatchObject({ ask: 'directory', remedy: expect.stringMatching(/setspn/) });
  });

  test('ticket: the name is on another account than the one that SQL Server runs as', async () => {
    const { domain, directory, doctor } = get();
    const spn = `MSSQLSvc/elsewhere.${domain.name}:1433`;
    await domain.createServiceAccount({
      name: 'elsewhere',
      spns: [spn],
      keytab: join(directory, 'else.keytab'),
    });
    const run = await doctor({ environment: { SQL_SPN: spn } });
    expect(run.failures, run.text).toEqual(['login']);
    expect(run.find('login')).toMatchObject({ ask: 'database', detail: expect.stringMatching(/refused/) });
    expect(run.find('login')?.remedy).toContain('an account other than');
  });

  test('ticket: no trust leads to the domain of SQL Server', async () => {
    const { domain, doctor } = get();
    const spn = 'MSSQLSvc/sql.partner.example.org:1433@PARTNER.EXAMPLE.ORG';
    // As if the name servers of one domain also answered for the other.
    const run = await doctor({ environment: { SQL_SPN: spn, SQL_REALM_KDCS: domain.kdcs.join() } });
    expectFailure(run, 'ticket', { code: 'REALM_UNKNOWN', ask: 'directory', detail: /has no path to it/ });
    expect(run.find('ticket')?.remedy).toContain('trusts the directory of the server');
  });

  test('login: SQL Server has an older key than the directory', async () => {
    const site = get();
    const keytab = join(site.directory, 'older.keytab');
    await copyFile(site.keytab, keytab);
    await site.renewKey();
    const server = await startSqlServerProcess(site, { name: 'older-key', port: 1497, keytab });
    try {
      const run = await site.doctor({
        environment: { SQL_PORT: '1497', SQL_TLS_CA_FILE: server.authorityFile },
      });
      expectFailure(run, 'login', { code: 'UNTRUSTED_DOMAIN', ask: 'database', detail: /error 18452/ });
      expect(run.find('login')?.remedy).toContain("the server's key may be older than the ticket");
    } finally {
      await server.stop();
    }
  });

  test('encryption type: the account of SQL Server has only an RC4 key', async () => {
    const { domain, directory, doctor, setAttribute } = get();
    const spn = `MSSQLSvc/legacy.${domain.name}:1433`;
    await domain.createServiceAccount({
      name: 'legacy',
      spns: [spn],
      keytab: join(directory, 'legacy.keytab'),
    });
    await setAttribute('legacy', 'msDS-SupportedEncryptionTypes', '4');
    const run = await doctor({ environment: { SQL_SPN: spn } });
    const found = run.find('encryption-type');
    expect(['failed', 'warning'], run.text).toContain(found?.status);
    expect(found).toMatchObject({ ask: 'directory', remedy: expect.stringContaining('AES') });
  });

  test('port: nothing listens; packets are dropped; the server hangs', async () => {
    const site = get();
    const closed = await site.doctor({ environment: { SQL_PORT: '1' } });
    expectFailure(closed, 'port', { code: 'CONNECTION_FAILED', ask: 'database', detail: /ECONNREFUSED/ });
    const silent = await silentPort(site.address, 1499);
    try {
      const run = await site.doctor({ environment: { SQL_PORT: '1499' } });
      expectFailure(run, 'port', {
        code: 'TIMEOUT',
        ask: 'network',
        detail: /Nothing answered on port 1499/,
      });
    } finally {
      silent.stop();
    }
    site.server.suspend();
    try {
      const run = await site.doctor();
      expect(run.failures, run.text).toEqual(['tls-version']);
      expect(run.find('tls-version')).toMatchObject({ code: 'TIMEOUT', ask: 'database' });
    } finally {
      site.server.resume();
    }
  });

  test.for([
    ['HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['SSH', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['nothing, and hangs up', ''],
  ] as const)('port: what listens there speaks %s', async ([, words]) => {
    const { address, doctor } = get();
    const other = createServer((socket) => {
      socket.on('error', () => {});
      if (words) socket.end(words);
      // It received a request that it does not understand.
      else socket.once('data', () => socket.resetAndDestroy());
    });
    other.listen(1498, address);
    await once(other, 'listening');
    try {
      const run = await doctor({ environment: { SQL_PORT: '1498' } });
      expect(run.failures, run.text).toEqual(['tls-version']);
      expect(run.find('tls-version')).toMatchObject({
        ask: 'database',
        ...(words === '' && {
          code: 'CONNECTION_LOST',
          remedy: expect.stringContaining('may not be SQL Server'),
        }),
      });
      expect(run.find('tls-version')?.remedy?.length).toBeGreaterThan(20);
    } finally {
      other.close();
    }
  });

  test('TLS: another name, an unknown authority, a file that is missing', async () => {
    const site = get();
    const name = await site.doctor({ environment: { SQL_TLS_NAME: 'sql.corp.example.com' } });
    expectFailure(name, 'tls-name', { code: 'TLS_NAME_MISMATCH', ask: 'database', detail: /another name/ });
    const ca = join(site.directory, 'other-ca.pem');
    await writeFile(ca, (await issueCertificate('other.example.com')).ca);
    const environment = { SQL_TLS_NAME: site.host, SQL_TLS_CA_FILE: ca };
    const authority = await site.doctor({ environment });
    expectFailure(authority, 'tls-authority', {
      code: 'TLS_NOT_TRUSTED',
      ask: 'database',
      detail: /not trusted/,
    });
    const missing = await site.doctor({ environment: { SQL_TLS_CA_FILE: '/nowhere.pem' } });
    expect(missing.failures).toEqual(['settings', 'tls-authority']);
  });

  test.for([
    ['has ended', -2, /expired/],
    ['has not begun', 1, /not yet valid/],
  ] as const)('TLS: the certificate %s', async ([, begins, detail]) => {
    const site = get();
    const hour = 3_600_000;
    const notBefore = Date.now() + begins * hour;
    const certificate = await issueCertificate(site.host, { notBefore, notAfter: notBefore + hour });
    const ca = join(site.directory, 'other-time-ca.pem');
    await writeFile(ca, certificate.ca);
    const server = await startBindingServer(site, { certificate, demand: false });
    try {
      const environment = { SQL_PORT: String(server.port), SQL_TLS_NAME: site.host, SQL_TLS_CA_FILE: ca };
      const run = await site.doctor({ environment });
      expectFailure(run, 'tls-authority', { code: 'TLS_NOT_TRUSTED', ask: 'database', detail });
      expect(run.find('tls-authority')?.remedy).toContain('The certificate has expired');
    } finally {
      await server.stop();
    }
  });

  test('login: the directory knows the account, SQL Server does not', async () => {
    const site = get();
    const user = await site.account('no-login', { login: false });
    const run = await site.doctor({ user });
    expectFailure(run, 'login', { code: 'LOGIN_REFUSED', ask: 'database', detail: /error 18456/ });
  });

  test('database: the account has no user in it', async () => {
    const site = get();
    await site.server.administer('CREATE DATABASE [Other]');
    const other = await site.doctor({ environment: { SQL_DATABASE: 'Other' } });
    expectFailure(other, 'database', { code: 'DATABASE_UNAVAILABLE', ask: 'database', detail: /Other/ });
  });

  test('database: there is none of that name', async () => {
    const run = await get().doctor({ environment: { SQL_DATABASE: 'Nowhere' } });
    expectFailure(run, 'database', { code: 'DATABASE_UNAVAILABLE', ask: 'database', detail: /Nowhere/ });
    expect(run.find('rights')?.status).toBe('skipped');
  });

  test('rights: the account lacks a role', async () => {
    const site = get();
    const user = await site.account('no-rights', { rights: false });
    const run = await site.doctor({ user });
    expectFailure(run, 'rights', { code: 'RIGHTS_MISSING', ask: 'database', detail: /db_datareader/ });
    const more = await site.doctor({ environment: { SQL_ROLES: 'db_datareader,db_datawriter' } });
    expectFailure(more, 'rights', { code: 'RIGHTS_MISSING', ask: 'database', detail: /roles db_datawriter/ });
  });
}
