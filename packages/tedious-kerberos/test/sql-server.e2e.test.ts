import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SqlServerProcess, startSqlServerProcess, tlsName } from '../../../local/testing/sql-server.ts';
import type { ConnectionConfig } from '../src/index.ts';
import { type KerberosSite, startKerberosSite } from './domain/kerberos-site.ts';

const whoAmI =
  "SELECT SUSER_SNAME() AS login, CAST(CONNECTIONPROPERTY('auth_scheme') AS nvarchar(40)) AS scheme";

const createLogin = 'CREATE LOGIN [CORP\\db-user] FROM WINDOWS';

let site: KerberosSite;
let server: SqlServerProcess;
let tgt: string;
beforeAll(async () => {
  site = await startKerberosSite();
  server = await startSqlServerProcess(site);
  await server.administer(createLogin);
  tgt = await site.kinit('tgt');
});
afterAll(async () => {
  await server?.stop();
  await site?.dispose();
});

function login(options: ConnectionConfig['options'] = {}, tls: ConnectionConfig['tls'] = {}, ccache = tgt) {
  const connection = {
    server: site.host,
    tls: { name: tlsName, ca: server.ca, ...tls },
    options: { encrypt: true, ...options },
  };
  return site.login(ccache, { connection, sql: whoAmI });
}

async function serviceAccount(name: string, spn: string): Promise<string> {
  const keytab = join(site.directory, `${name}.keytab`);
  await site.domain.createServiceAccount({ name, spns: [spn], keytab });
  return keytab;
}

describe('SQL Server reports a Kerberos login of the right user', () => {
  const expected = { rows: [{ login: 'CORP\\db-user', scheme: 'KERBEROS' }] };

  test('with TLS inside TDS', async () => expect(await login()).toEqual(expected));
  test('with TLS around TDS', async () => expect(await login({ encrypt: 'strict' })).toEqual(expected));
  test('with a last token that comes before the login is accepted', async () => {
    const early = await startSqlServerProcess(site, {
      name: 'early',
      port: 1435,
      sspiToken: 'before-login',
    });
    await early.administer(createLogin);
    const connection = {
      server: site.host,
      tls: { name: tlsName, ca: early.ca },
      options: { encrypt: true, port: 1435 },
    };
    expect(await site.login(tgt, { connection, spn: site.spn, sql: whoAmI })).toEqual(expected);
    await early.stop();
  });

  test('with a ticket of its own for the server that the first one routes to', async () => {
    const replica = `replica.${site.domain.name}`;
    await site.domain.addHost('replica', site.address);
    const keytab = await serviceAccount('replica', `MSSQLSvc/${replica}:1436`);
    const second = await startSqlServerProcess(site, { name: 'replica', port: 1436, keytab });
    await second.administer(createLogin);
    const gateway = {
      name: 'gateway',
      port: 1437,
      keytab: await serviceAccount('gateway', `MSSQLSvc/${site.host}:1437`),
    };
    let first = await startSqlServerProcess(site, gateway);
    await first.administer(createLogin);
    await first.stop();
    first = await startSqlServerProcess(site, { ...gateway, routeTo: `${replica}:1436` });
    const tls = { name: tlsName, ca: [first.ca, second.ca] };
    const connection = { server: site.host, tls, options: { encrypt: true, port: 1437 } };
    expect(await site.login(tgt, { connection, sql: whoAmI })).toEqual(expected);
    await Promise.all([first.stop(), second.stop()]);
  });
});

test('LOGIN_REFUSED: a directory user without a login', async () => {
  await server.administer('DROP LOGIN [CORP\\db-user]');
  const { error } = await login();
  expect(error).toMatchObject({ code: 'LOGIN_REFUSED', step: 'login', server: { number: 18456 } });
  expect(error?.server?.state).toBeGreaterThan(0);
  expect(error?.hint).toContain('CREATE LOGIN');
  await server.administer(createLogin);
});

test('DATABASE_UNAVAILABLE: a database that does not exist', async () => {
  const { error } = await login({ database: 'Nothing', maxRetriesOnTransientErrors: 0 });
  expect(error).toMatchObject({ code: 'DATABASE_UNAVAILABLE', server: { number: 4060 } });
});

test('TLS_NAME_MISMATCH: the certificate is not for the name in the directory', async () => {
  const { error } = await login({}, { name: site.host });
  expect(error).toMatchObject({ code: 'TLS_NAME_MISMATCH', step: 'tls' });
  expect(error?.message).toContain(tlsName);
});

test('TLS_NOT_TRUSTED: the authority is unknown', async () => {
  const connection = { server: site.host, tls: { name: tlsName }, options: { encrypt: true } };
  expect((await site.login(tgt, { connection })).error).toMatchObject({
    code: 'TLS_NOT_TRUSTED',
    step: 'tls',
  });
});

test('UNTRUSTED_DOMAIN: the clock of the server is wrong', async () => {
  const skewed = await site.kinit('skewed', { service: site.spn, clock: '-10m' });
  expect((await login({}, {}, skewed)).error).toMatchObject({ code: 'UNTRUSTED_DOMAIN', step: 'login' });
});

test('CONNECTION_FAILED: nothing listens there', async () => {
  expect((await login({ port: 1 })).error).toMatchObject({ code: 'CONNECTION_FAILED', step: 'connect' });
});

test('HOST_NOT_FOUND: the name does not resolve', async () => {
  const connection = { server: `nothing.${site.domain.name}.invalid` };
  expect((await site.login(tgt, { connection })).error).toMatchObject({
    code: 'HOST_NOT_FOUND',
    step: 'connect',
  });
});
