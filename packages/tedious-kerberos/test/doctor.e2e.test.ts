import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { readCredentialCache, writeCredentialCache } from 'kerberos-client';
import stringWidth from 'string-width';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBindingServer } from '../../../local/testing/binding-server.ts';
import { type SqlServerProcess, startSqlServerProcess, tlsName } from '../../../local/testing/sql-server.ts';
import { issueCertificate } from '../../../local/testing/tds-server/certificate.ts';
import { type CheckName, checkNames } from '../src/doctor/check.ts';
import { reportCheck } from '../src/doctor/report.ts';
import { type DoctorOutcome, doctorProcess } from './domain/doctor-process.ts';
import { type KerberosSite, startKerberosSite } from './domain/kerberos-site.ts';

let site: KerberosSite;
let server: SqlServerProcess;
let tgt: string;
let service: string;
beforeAll(async () => {
  site = await startKerberosSite();
  server = await startSqlServerProcess(site);
  await server.administer('CREATE LOGIN [CORP\\db-user] FROM WINDOWS');
  tgt = await withClockOffset('tgt', 0);
  service = await site.kinit('service', { service: site.spn });
});
afterAll(async () => {
  await server?.stop();
  await site?.dispose();
});

/** A cache with a ticket-granting ticket and the given clock offset, in milliseconds. */
async function withClockOffset(name: string, clockOffset: number): Promise<string> {
  const file = await site.kinit(name);
  await writeCredentialCache(file, { ...(await readCredentialCache(file)), clockOffset });
  return file;
}

/** Options by name. `undefined` omits the option, `true` makes it a flag. */
type Options = Readonly<Record<string, string | true | undefined>>;

/** Runs the doctor with correct options, except for those that the test overrides. */
function doctor(options: Options = {}, environment: NodeJS.ProcessEnv = {}): Promise<DoctorOutcome> {
  const all: Options = {
    ...{
      server: site.host,
      port: String(server.port),
      spn: site.spn,
      ccache: tgt,
      timeout: '20',
      json: true,
    },
    ...{ 'tls-name': tlsName, ca: server.authorityFile },
    ...options,
  };
  const args = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : value === true ? [`--${name}`] : [`--${name}`, value],
  );
  return doctorProcess(['doctor', ...args], { ...site.domain.environment, ...environment });
}

const check = ({ checks }: DoctorOutcome, name: CheckName) =>
  checks.find((candidate) => candidate.check === name);

/** Expects exactly one failure, with code and remedy, in lines of at most 80 columns. */
function expectFailure(outcome: DoctorOutcome, name: CheckName, code: string, detail: RegExp): void {
  for (const line of outcome.checks.flatMap((one) => reportCheck(one).split('\n')))
    expect(stringWidth(line)).toBeLessThanOrEqual(80);
  expect(outcome.failures, outcome.text).toEqual([name]);
  expect(outcome.exitCode).toBe(1);
  const found = check(outcome, name);
  expect(found).toMatchObject({ code, detail: expect.stringMatching(detail) });
  expect(found?.remedy?.length).toBeGreaterThan(40);
}

/** Writes a modified copy of the site's krb5.conf. */
async function krb5Conf(name: string, change: (text: string) => string) {
  const file = join(site.directory, name);
  await writeFile(file, change(await readFile(site.domain.krb5Conf, 'utf8')));
  return { KRB5_CONFIG: file };
}

test('with a ticket-granting ticket, all checks pass', async () => {
  const outcome = await doctor();
  expect(outcome.failures, outcome.text).toEqual([]);
  expect(outcome.exitCode).toBe(0);
  expect(outcome.checks.map((found) => found.check)).toEqual(checkNames);
  expect(new Set(outcome.checks.map(({ status }) => status))).toEqual(new Set(['passed']));
  expect(check(outcome, 'clock')?.detail).toBe("This clock is equal to the domain controller's.");
  expect(check(outcome, 'ticket')?.detail).toContain('Obtained from a domain controller');
  expect(check(outcome, 'encryption-type')?.detail).toContain('aes256-cts-hmac-sha1-96 (18)');
  expect(check(outcome, 'tls-version')?.detail).toContain('TLSv1.2');
  expect(check(outcome, 'login')?.detail).toMatch(/as CORP\\db-user \(KERBEROS\)/);
  expect(check(outcome, 'channel-binding')?.detail).toContain('tls-unique');
});

test('with only the service ticket too, in lines of 80 columns and without a domain controller', async () => {
  await site.domain.stop();
  const outcome = await doctor({ ccache: service, json: undefined }).finally(() => site.domain.start());
  expect(outcome.exitCode, outcome.text).toBe(0);
  expect(outcome.text).toMatch(/^ok {3}ticket +In the cache: MSSQLSvc/m);
  expect(outcome.text).toMatch(/Nothing is wrong\.$/);
  expect(Math.max(...outcome.text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
});

test('cache: missing; the server is checked nevertheless', async () => {
  const outcome = await doctor({ ccache: join(site.directory, 'nothing') });
  expectFailure(outcome, 'cache', 'CCACHE_NOT_FOUND', /nothing/);
  for (const name of ['name', 'port', 'tls-name', 'tls-authority', 'tls-version'] as const) {
    expect(check(outcome, name)?.status).toBe('passed');
  }
  const text = await doctor({ ccache: join(site.directory, 'nothing'), json: undefined });
  expect(text.text).toMatch(/^FAIL cache +CCACHE_NOT_FOUND: /m);
  expect(text.text).toMatch(/^ {22}Remedy: No ticket has been obtained yet/m);
  expect(text.text).toMatch(/\nWrong: cache\. Begin with the first\.$/);
  expect(Math.max(...text.text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
});

test('cache: the file is not a credential cache', async () => {
  const file = join(site.directory, 'other');
  await writeFile(file, 'this is no credential cache');
  expectFailure(await doctor({ ccache: file }), 'cache', 'CCACHE_CORRUPT', /cache/);
});

test('clock: it was wrong when the ticket was obtained', async () => {
  const outcome = await doctor({ ccache: await site.kinit('skewed', { clock: '-10m' }) });
  expect(outcome.failures).toEqual(['clock', 'ticket']);
  expect(check(outcome, 'clock')).toMatchObject({
    code: 'CLOCK_SKEW',
    detail: expect.stringMatching(/corrects it, is (59\d|60\d) seconds ahead of the domain controller's/),
  });
  expect(check(outcome, 'ticket')?.code).toBe('CLOCK_SKEW');
});

test.each([
  [-1000, /^This clock is equal to the domain controller's/],
  [60_000, /^This clock, as the cache corrects it, is (5\d|60) seconds ahead of the domain controller's/],
])('clock: the cache corrects it by %i ms', async (offset, detail) => {
  const outcome = await doctor({ ccache: await withClockOffset('corrected', offset) });
  expect(check(outcome, 'clock')).toMatchObject({ status: 'passed', detail: expect.stringMatching(detail) });
});

test('name: does not resolve', async () => {
  const outcome = await doctor({ server: `nowhere.${site.domain.name}` });
  expectFailure(outcome, 'name', 'HOST_NOT_FOUND', /nowhere/);
  expect(check(outcome, 'ticket')?.status).toBe('passed');
});

test('port: nothing listens there', async () => {
  expectFailure(await doctor({ port: '1' }), 'port', 'CONNECTION_FAILED', /Port 1 of .*ECONNREFUSED/);
});

test('TLS: wrong name, unknown authority, other encryption mode', async () => {
  const name = await doctor({ 'tls-name': undefined });
  expectFailure(name, 'tls-name', 'TLS_NAME_MISMATCH', /another name/);
  expect(check(name, 'tls-authority')?.status).toBe('passed');
  expectFailure(await doctor({ ca: undefined }), 'tls-authority', 'TLS_NOT_TRUSTED', /not trusted/);
  const plain = await startBindingServer(site, { demand: false });
  const off = await doctor({ port: String(plain.port) }).finally(() => plain.stop());
  expectFailure(off, 'tls-version', 'ENCRYPTION_REFUSED', /could not be encrypted/);
});

test('ticket: the directory has no such service; an address has no name', async () => {
  const unknown = await doctor({ spn: `MSSQLSvc/alias.${site.domain.name}:1433` });
  expectFailure(unknown, 'ticket', 'SPN_UNKNOWN', /no service MSSQLSvc\/alias/);
  const address = await doctor({ server: site.address, spn: undefined });
  expectFailure(address, 'ticket', 'SPN_UNKNOWN', /is an address/);
});

test('ticket: one is needed, but no domain controller is running', async () => {
  await site.domain.stop();
  const outcome = await doctor().finally(() => site.domain.start());
  expectFailure(outcome, 'ticket', 'KDC_UNREACHABLE', /Cannot contact any KDC/);
});

test('encryption type: the client may only use RC4', async () => {
  const rc4 = '[libdefaults]\n  permitted_enctypes = arcfour-hmac\n  allow_weak_crypto = true';
  const environment = await krb5Conf('rc4.conf', (text) => text.replace('[libdefaults]', rc4));
  const outcome = await doctor({}, environment);
  expectFailure(outcome, 'encryption-type', 'ENCRYPTION_TYPE_UNSUPPORTED', /encryption type/);
});

test('login: the directory knows the user, SQL Server does not', async () => {
  await site.domain.createUser('stranger', site.user.password);
  const ccache = join(site.directory, 'stranger');
  const env = { KRB5_CONFIG: site.domain.krb5Conf };
  await execa('kinit', ['-c', `FILE:${ccache}`, 'stranger'], { env, input: site.user.password });
  expectFailure(await doctor({ ccache }), 'login', 'LOGIN_REFUSED', /error 18456/);
});

test('database: does not exist', async () => {
  const outcome = await doctor({ database: 'Nowhere' });
  expectFailure(outcome, 'database', 'DATABASE_UNAVAILABLE', /Nowhere/);
  expect(check(outcome, 'login')?.status).toBe('passed');
});

test('channel binding: the server requires it, and the login has none', async () => {
  const certificate = await issueCertificate(site.host);
  const ca = join(site.directory, 'binding-ca.pem');
  await writeFile(ca, certificate.ca);
  const within = await startBindingServer(site, { certificate });
  const strict = await startBindingServer(site, { certificate, strict: true, tls13: true });
  const common = { ca, 'tls-name': undefined };
  try {
    const bound = await doctor({ ...common, port: String(within.port) });
    expect(bound.failures, bound.text).toEqual([]);
    const off = await doctor({ ...common, port: String(within.port), 'no-channel-binding': true });
    expect(off.failures).toContain('channel-binding');
    expect(check(off, 'channel-binding')?.remedy).toContain('Leave channelBinding on');
    const tls13 = await doctor({ ...common, port: String(strict.port), encrypt: 'strict' });
    expect(check(tls13, 'tls-version')?.detail).toContain('TLSv1.3');
    expect(check(tls13, 'channel-binding')).toMatchObject({
      status: 'failed',
      detail: expect.stringContaining('requires Extended Protection'),
      remedy: expect.stringContaining('maxVersion'),
    });
  } finally {
    await Promise.all([within.stop(), strict.stop()]);
  }
});

test('its output contains no ticket, key or password', async () => {
  const outcomes = await Promise.all([
    doctor(),
    doctor({ json: undefined }),
    doctor({ database: 'Nowhere' }),
  ]);
  for (const { text, complaint } of outcomes) {
    expect(text + complaint).not.toContain(site.user.password);
    expect(text + complaint).not.toMatch(/[A-Za-z0-9+/]{80,}|[0-9a-f]{32,}/);
  }
});
