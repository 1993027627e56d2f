import { createSocket } from 'node:dgram';
import { appendFile, chmod, copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type LoginErrorCode, readCredentialCache } from '../src/index.ts';
import { type GssapiServer, startGssapiServer } from './domain/gssapi-server.ts';
import { type KerberosSite, startKerberosSite } from './domain/kerberos-site.ts';
import type { LoginOutcome } from './domain/login-process.ts';

let site: KerberosSite;
let server: GssapiServer;
/** A cache with only a ticket-granting ticket. */
let tgt: string;
beforeAll(async () => {
  site = await startKerberosSite();
  server = await startGssapiServer(site);
});
beforeEach(async () => {
  tgt = await site.kinit('tgt');
});
afterAll(async () => {
  await server?.stop();
  await site?.dispose();
});

function expectError({ error }: LoginOutcome, code: LoginErrorCode, message: RegExp | string): void {
  expect(error, JSON.stringify(error)).toMatchObject({ code, step: 'ticket' });
  expect(error?.message).toMatch(message);
  expect(error?.hint.length).toBeGreaterThan(40);
  // If there are tickets, the message names their client and their cache.
  if (withTickets.has(code)) expect(error?.message).toMatch(`credential cache ${site.directory}/`);
  if (withTickets.has(code)) expect(error?.message).toMatch(`of ${site.user.name}@${site.domain.realm}`);
}

const withTickets: ReadonlySet<LoginErrorCode> = new Set([
  ...(['TICKET_EXPIRED', 'TICKET_MISSING', 'CLOCK_SKEW', 'KDC_UNREACHABLE', 'SPN_UNKNOWN'] as const),
  ...(['REALM_UNKNOWN', 'ENCRYPTION_TYPE_UNSUPPORTED'] as const),
]);

/** Writes a modified copy of the site's krb5.conf. */
async function krb5Conf(name: string, change: (text: string) => string) {
  const file = join(site.directory, name);
  await writeFile(file, change(await readFile(site.domain.krb5Conf, 'utf8')));
  return { KRB5_CONFIG: file };
}

test('CCACHE_NOT_FOUND: no ticket has been obtained', async () => {
  const outcome = await site.login(join(site.directory, 'nothing'));
  expectError(outcome, 'CCACHE_NOT_FOUND', /No Kerberos credentials available/);
  expect(outcome.error?.gss?.minor).toContain('nothing');
});

test('CCACHE_UNREADABLE: the cache is of another user', async () => {
  const ccache = join(site.directory, 'private');
  await copyFile(tgt, ccache);
  await chmod(ccache, 0o600);
  await chmod(site.directory, 0o755);
  expectError(await site.login(ccache, { uid: 65_534 }), 'CCACHE_UNREADABLE', /permissions incorrect/);
  await chmod(ccache, 0o644);
  expect(await site.login(ccache, { uid: 65_534 })).toEqual({ rows: [] });
});

test.each([
  ['empty', ''],
  ['something else', 'this is no credential cache'],
  ['half written', undefined],
])('CCACHE_CORRUPT: the cache is %s', async (name, content) => {
  const ccache = join(site.directory, `corrupt ${name}`);
  await writeFile(ccache, content ?? (await readFile(tgt)).subarray(0, 40));
  expectError(await site.login(ccache), 'CCACHE_CORRUPT', /cache/);
});

test.each([
  ['the service ticket', true, /for MSSQLSvc\S+ ended at 20\d\d-/],
  ['the ticket-granting ticket', false, /for krbtgt\S+ ended at 20\d\d-/],
])('TICKET_EXPIRED: %s has expired', async (name, serviceOnly, message) => {
  const service = serviceOnly ? { service: site.spn } : {};
  const ccache = await site.kinit(`expired ${name}`, { ...service, lifetime: 2 });
  await expect
    .poll(async () => (await readCredentialCache(ccache)).tickets[0]?.endsAt)
    .toSatisfy((endsAt: Date) => endsAt.getTime() + 1000 < Date.now());
  expectError(await site.login(ccache), 'TICKET_EXPIRED', message);
});

test('TICKET_MISSING: the only ticket is for another service', async () => {
  const other = `MSSQLSvc/other-db.${site.domain.name}:1433`;
  await site.domain.samba(['spn', 'add', other, 'sql-server']);
  const outcome = await site.login(await site.kinit('other', { service: other }));
  expectError(outcome, 'TICKET_MISSING', /the credential cache holds MSSQLSvc\/other-db/);
});

test('KDC_UNREACHABLE: no domain controller is running', async () => {
  await site.domain.stop();
  try {
    expectError(await site.login(tgt), 'KDC_UNREACHABLE', /Cannot contact any KDC/);
  } finally {
    await site.domain.start();
  }
});

test('TIMEOUT at step "ticket": the domain controller accepts requests and does not answer', async () => {
  const silent = createSocket('udp4');
  const asked = new Promise<void>((resolve) => silent.once('message', () => resolve()));
  const address = site.address.replace(/\d+$/, '99');
  await new Promise<void>((resolve) => silent.bind(88, address, resolve));
  const environment = await krb5Conf('silent.conf', (text) =>
    text.replace(/\n\s+kdc = .*/, `\n    kdc = ${address}`),
  );
  const connection = { server: site.host, options: { connectTimeout: 3000 } };
  expectError(await site.login(tgt, { connection }, environment), 'TIMEOUT', /at step "ticket"/);
  await asked;
  silent.close();
});

test('CLOCK_SKEW: the clock was wrong when the ticket was obtained', async () => {
  expectError(await site.login(await site.kinit('skewed', { clock: '-10m' })), 'CLOCK_SKEW', /Clock skew/);
});

test('SPN_UNKNOWN: the name of the host is not registered', async () => {
  await site.domain.addHost('alias', site.address);
  const connection = { server: `alias.${site.domain.name}` };
  for (const native of [false, true]) {
    const outcome = await site.login(tgt, { connection, native });
    expectError(outcome, 'SPN_UNKNOWN', /no service MSSQLSvc\/alias/);
  }
});

test('SPN_UNKNOWN: the name was removed from the account', async () => {
  await site.domain.samba(['spn', 'delete', site.spn, 'sql-server']);
  try {
    expectError(await site.login(tgt), 'SPN_UNKNOWN', /no service MSSQLSvc\/music-db/);
  } finally {
    await site.domain.samba(['spn', 'add', site.spn, 'sql-server']);
  }
});

test('REALM_UNKNOWN: the host is in a directory that ours does not know', async () => {
  await appendFile(site.domain.hosts, `${site.address} music-db.other.example.org\n`);
  const connection = { server: 'music-db.other.example.org' };
  for (const native of [false, true]) {
    const outcome = await site.login(tgt, { connection, native });
    expectError(outcome, 'REALM_UNKNOWN', /is not in the ticket's realm CORP/);
  }
});

test('REALM_UNKNOWN: the configuration names no domain controller for the realm', async () => {
  const environment = await krb5Conf('no-kdc.conf', (text) => text.replace(/\n\s+kdc = .*/, ''));
  expectError(await site.login(tgt, {}, environment), 'REALM_UNKNOWN', /Cannot find KDC for realm/);
});

test('KRB5_CONFIG_INVALID: the configuration is not valid', async () => {
  const environment = await krb5Conf('wrong.conf', (text) => text.replace('[realms]', '[realms'));
  expectError(await site.login(tgt, {}, environment), 'KRB5_CONFIG_INVALID', /configuration file/);
});

test('ENCRYPTION_TYPE_UNSUPPORTED: the client may only use RC4', async () => {
  const environment = await krb5Conf('rc4.conf', (text) =>
    text.replace(
      '[libdefaults]',
      '[libdefaults]\n  permitted_enctypes = arcfour-hmac\n  allow_weak_crypto = true',
    ),
  );
  expectError(await site.login(tgt, {}, environment), 'ENCRYPTION_TYPE_UNSUPPORTED', /encryption type/);
});

test('UNTRUSTED_DOMAIN: the server does not have the key of the ticket', async () => {
  const ccache = await site.kinit('before', { service: site.spn });
  const old = join(site.directory, 'old.keytab');
  await copyFile(site.keytab, old);
  await site.domain.createServiceAccount({ name: 'sql-server', spns: [site.spn], keytab: site.keytab });
  const stale = await site.login(ccache);
  expect(stale.error).toMatchObject({ code: 'UNTRUSTED_DOMAIN', step: 'login', server: { number: 18452 } });
  expect(await site.login(await site.kinit('after', { service: site.spn }))).toEqual({ rows: [] });
});

test('no error contains a ticket, key or password', async () => {
  const outcome = JSON.stringify(await site.login(join(site.directory, 'nothing')));
  expect(outcome).not.toContain(site.user.password);
  expect(outcome).not.toMatch(/[A-Za-z0-9+/]{80,}/);
});
