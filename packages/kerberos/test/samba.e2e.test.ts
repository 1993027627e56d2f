import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type KerberosSite, startKerberosSite } from '../../../local/testing/kerberos-site.ts';
import {
  type Configuration,
  type Credential,
  cacheable,
  configurationFrom,
  formatPrincipal,
  KdcClient,
  KerberosError,
  KerberosInitiator,
  mechanism,
  NegotiateInitiator,
  obtainInitialTicket,
  obtainServiceTicket,
  type Principal,
  parsePrincipal,
  readCredentialCache,
  TicketSource,
  writeCredentialCache,
} from '../src/index.ts';
import { type PythonAcceptor, startPythonAcceptor } from './acceptor/python-acceptor.ts';

let site: KerberosSite;
let configuration: Configuration;
let kdc: KdcClient;
let acceptor: PythonAcceptor;
let client: Principal;
let ticketGrantingTicket: Credential;
let ticket: Credential;
const service = () => parsePrincipal(site.spn, '?').name;

beforeAll(async () => {
  site = await startKerberosSite();
  configuration = configurationFrom(await readFile(site.domain.krb5Conf, 'utf8'));
  kdc = new KdcClient({ configuration });
  acceptor = startPythonAcceptor({ keytab: site.keytab, krb5Conf: site.domain.krb5Conf });
  client = parsePrincipal(site.user.name, site.domain.realm);
  ticketGrantingTicket = await obtainInitialTicket(kdc, { client, password: site.user.password });
  ticket = await obtainServiceTicket(kdc, { ticketGrantingTicket, service: service() });
});
afterAll(async () => {
  await acceptor?.stop();
  await site?.dispose();
});

const initial = (
  options: { credential?: Credential; channelBinding?: Buffer; offer?: readonly string[] } = {},
) => new NegotiateInitiator({ credential: ticket, ...options });

/** Exchanges tokens until one side has nothing to send. */
async function talk(login: NegotiateInitiator, context = acceptor.begin()) {
  let token: Buffer | undefined = login.initialToken();
  let last: Awaited<ReturnType<typeof context.step>> | undefined;
  while (token) {
    last = await context.step(token);
    token = last.token && login.nextToken(last.token);
  }
  return last;
}

test('with a password: a ticket-granting ticket, and a ticket for the service that MIT Kerberos accepts', async () => {
  expect(formatPrincipal(ticketGrantingTicket.server)).toBe(
    `krbtgt/${site.domain.realm}@${site.domain.realm}`,
  );
  const login = initial();
  expect(await talk(login)).toMatchObject({ complete: true, bound: false, client: formatPrincipal(client) });
  expect(login.complete).toBe(true);
});

test('a service ticket directly, without a ticket-granting ticket', async () => {
  const direct = { realm: client.realm, name: service() };
  const credential = await obtainInitialTicket(kdc, {
    client,
    password: site.user.password,
    service: direct,
  });
  expect(await talk(initial({ credential }))).toMatchObject({ complete: true });
});

test('by UDP, with TCP for answers that are too big', async () => {
  const byUdp = new KdcClient({ configuration, transport: 'udp' });
  const granting = await obtainInitialTicket(byUdp, { client, password: site.user.password });
  expect(formatPrincipal(granting.client)).toBe(formatPrincipal(client));
});

const binding = Buffer.from('tls-unique:twelveoctets');

/** The acceptor's verdict on a binding that is right, wrong, missing, or not asked for. */
test.each([
  ['right', binding, binding, true, true],
  ['not asked for', binding, undefined, true, false],
  ['missing, which MIT Kerberos lets pass unless it is asked', undefined, binding, true, false],
  ['wrong', Buffer.from('tls-unique:twelveOctets'), binding, false, false],
] as const)('channel binding: %s', async (_, ours, theirs, complete, bound) => {
  const login = initial(ours ? { channelBinding: ours } : {});
  const said = await acceptor.begin(theirs).step(login.initialToken());
  expect(said).toMatchObject({ complete, bound });
  if (complete) return;
  expect(said.error).toContain('Incorrect channel bindings');
  expect(() => login.nextToken(said.token as Buffer)).toThrow(
    expect.objectContaining({ code: 'KRB_ERR_GENERIC', hint: expect.stringContaining('channel binding') }),
  );
  expect(login.complete).toBe(false);
});

test('the Kerberos mechanism alone, without SPNEGO', async () => {
  const login = new KerberosInitiator({ credential: ticket, channelBinding: binding });
  const said = await acceptor.begin(binding).step(login.token);
  expect(said).toMatchObject({ complete: true, bound: true });
  login.accept(said.token as Buffer);
  expect(login.complete).toBe(true);
});

const ntlm = '1.3.6.1.4.1.311.2.2.10';
const negoEx = '1.3.6.1.4.1.311.2.2.30';
test.each([
  ['Kerberos in both spellings', [mechanism.kerberosMicrosoft, mechanism.kerberos]],
  ['what Windows offers', [mechanism.kerberosMicrosoft, mechanism.kerberos, negoEx, ntlm]],
  ['another mechanism first, which asks for a signature in both directions', [ntlm, mechanism.kerberos]],
])('the offer of %s', async (_, offer) => {
  const login = initial({ offer, channelBinding: binding });
  expect(await talk(login, acceptor.begin(binding))).toMatchObject({ complete: true, bound: true });
  expect(login.complete).toBe(true);
});

test('a genuine answer with one octet changed, at each place: accepted only for the other spelling of Kerberos', async () => {
  const accepted: number[] = [];
  for (let at = 0; ; at += 1) {
    const login = initial();
    const { token } = await acceptor.begin().step(login.initialToken());
    const changed = Buffer.from(token as Buffer);
    if (at >= changed.length) break;
    const before = changed[at] as number;
    changed[at] = before ^ (1 + ((at * 37) % 255));
    try {
      login.nextToken(changed);
      if (login.complete) accepted.push(before);
    } catch (error) {
      expect(error).toBeInstanceOf(KerberosError);
    }
  }
  expect(accepted.filter((octet) => octet !== 0x86)).toEqual([]);
});

test('with a replay cache: many logins with one ticket are accepted; the same token twice is a replay', async () => {
  const replayCache = `dfl:${join(site.directory, 'replays')}`;
  const remembering = startPythonAcceptor({
    keytab: site.keytab,
    krb5Conf: site.domain.krb5Conf,
    replayCache,
  });
  try {
    for (let count = 0; count < 500; count += 1) {
      const { error } = await remembering.begin().step(initial().initialToken());
      expect(error).toBeUndefined();
    }
    const token = initial().initialToken();
    await remembering.begin().step(token);
    const again = await remembering.begin().step(token);
    expect(again).toMatchObject({ complete: false, error: expect.stringContaining('replay') });
  } finally {
    await remembering.stop();
  }
});

test('names are case-sensitive: the acceptor reports a different case by its code', async () => {
  const other = { ...ticket, client: parsePrincipal(site.user.name.toUpperCase(), site.domain.realm) };
  const login = initial({ credential: other });
  await expect(talk(login)).rejects.toMatchObject({ code: 'KRB_AP_ERR_BADMATCH' });
});

test('a user whose name is not ASCII', async () => {
  await site.domain.createUser('jürgen', site.user.password);
  const credential = await obtainInitialTicket(kdc, {
    client: parsePrincipal('jürgen', site.domain.realm),
    password: site.user.password,
    service: { realm: client.realm, name: service() },
  });
  expect(await talk(initial({ credential }))).toMatchObject({
    complete: true,
    client: `jürgen@${site.domain.realm}`,
  });
});

test("the acceptor's code reports a service key newer than the ticket", async () => {
  const keytab = join(site.directory, 'other.keytab');
  const spn = `MSSQLSvc/keyed.${site.domain.name}:1433`;
  await site.domain.createServiceAccount({ name: 'keyed', spns: [spn], keytab });
  const credential = await obtainServiceTicket(kdc, {
    ticketGrantingTicket,
    service: parsePrincipal(spn, '?').name,
  });
  await site.domain.createServiceAccount({ name: 'keyed', spns: [spn], keytab });
  const keyed = startPythonAcceptor({ keytab, krb5Conf: site.domain.krb5Conf });
  try {
    await expect(talk(initial({ credential }), keyed.begin())).rejects.toMatchObject({
      code: expect.stringMatching(/^KRB_AP_ERR_(BADKEYVER|NOKEY|NOT_US|BAD_INTEGRITY|MODIFIED)$/),
      hint: expect.stringContaining('btain a new ticket'),
    });
  } finally {
    await keyed.stop();
  }
});

test('errors of the KDC, by name', async () => {
  const obtain = (name: string, password: string) =>
    obtainInitialTicket(kdc, { client: parsePrincipal(name, site.domain.realm), password });
  await expect(obtain('nobody', 'x')).rejects.toMatchObject({ code: 'KDC_ERR_C_PRINCIPAL_UNKNOWN' });
  await expect(obtain(site.user.name, 'wrong')).rejects.toMatchObject({ code: 'KDC_ERR_PREAUTH_FAILED' });
  const unknown = parsePrincipal('MSSQLSvc/nowhere:1433', '?').name;
  await expect(obtainServiceTicket(kdc, { ticketGrantingTicket, service: unknown })).rejects.toMatchObject({
    code: 'KDC_ERR_S_PRINCIPAL_UNKNOWN',
    message: expect.stringContaining('MSSQLSvc/nowhere:1433'),
    report: { code: 7 },
  });
});

test('caches of kinit(1) in versions 3 and 4 are read; klist(1) reads and uses ours', async () => {
  for (const version of [3, 4] as const) {
    const conf = join(site.directory, `version-${version}.conf`);
    const text = await readFile(site.domain.krb5Conf, 'utf8');
    await writeFile(conf, text.replace('[libdefaults]', `[libdefaults]\n  ccache_type = ${version}`));
    const theirs = join(site.directory, `theirs-${version}`);
    await execa('kinit', ['-c', theirs, site.user.name], {
      env: { KRB5_CONFIG: conf },
      input: site.user.password,
    });
    expect((await readFile(theirs))[1]).toBe(version);
    const read = await readCredentialCache(theirs);
    expect(formatPrincipal(read.principal)).toBe(formatPrincipal(client));
    expect(read.credentials).toHaveLength(1);
    const fromTheirs = await new TicketSource({ cache: theirs, configuration }).ticketFor(site.spn);
    expect(await talk(initial({ credential: fromTheirs }))).toMatchObject({ complete: true });

    const ours = join(site.directory, `ours-${version}`);
    const credentials = [cacheable(ticketGrantingTicket), cacheable(ticket)];
    await writeCredentialCache(ours, { principal: client, credentials, clockOffset: 0 }, { version });
    const { stdout } = await execa('klist', ['-c', ours], { env: { KRB5_CONFIG: conf } });
    expect(stdout).toContain(`Default principal: ${formatPrincipal(client)}`);
    expect(stdout).toContain(site.spn);
    const { stdout: known } = await execa('kvno', ['-c', ours, site.spn], { env: { KRB5_CONFIG: conf } });
    expect(known).toContain('kvno = ');
  }
});

test('a machine whose clock is wrong logs in, with the offset that kinit(1) keeps in the cache', async () => {
  const cache = await site.kinit('offset', { service: site.spn });
  expect((await readCredentialCache(cache)).clockOffset).toBeLessThan(5000);
  const skewed = await site.kinit('skewed', { service: site.spn, clock: '-10m' });
  const { clockOffset } = await readCredentialCache(skewed);
  expect(Math.abs(clockOffset - 600_000)).toBeLessThan(60_000);
  // Used with a correct clock, the offset makes us ten minutes fast, which the acceptor reports.
  const credential = await new TicketSource({ cache: skewed, configuration }).ticketFor(site.spn);
  await expect(talk(initial({ credential }))).rejects.toMatchObject({ code: 'KRB_AP_ERR_SKEW' });
});

test('100 concurrent callers share one request to the KDC; a new cache is noticed', async () => {
  const cache = await site.kinit('shared');
  const before = await stat(cache);
  const source = new TicketSource({ cache, configuration });
  const all = await Promise.all(Array.from({ length: 100 }, () => source.ticketFor(site.spn)));
  expect(new Set(all).size).toBe(1);
  await site.kinit('shared');
  expect((await stat(cache)).ino).not.toBe(before.ino);
  expect(await source.ticketFor(site.spn)).not.toBe(all[0]);
  const aborted = AbortSignal.abort(new Error('enough'));
  await expect(
    source.ticketFor(`MSSQLSvc/another.${site.domain.name}:1`, { signal: aborted }),
  ).rejects.toThrow('enough');
});

test('the error names a cache of another client and a cache without a ticket', async () => {
  const cache = await site.kinit('for-the-service', { service: site.spn });
  const source = new TicketSource({ cache, configuration });
  await expect(source.ticketFor(site.spn, { client: site.user.name })).resolves.toBeDefined();
  await expect(source.ticketFor(site.spn, { client: 'other' })).rejects.toMatchObject({
    code: 'TICKET_MISSING',
  });
  await expect(source.ticketFor('HTTP/other')).rejects.toMatchObject({
    code: 'TICKET_MISSING',
    message: expect.stringContaining(`holds ${site.spn}`),
  });
});

test('no KDC answers: the error lists each address with its reason', async () => {
  const nobody = site.address.replace(/\d+$/, '99');
  const dead = configurationFrom(`[realms]\n${site.domain.realm} = {\n kdc = ${nobody}\n}`);
  const asked = obtainInitialTicket(new KdcClient({ configuration: dead }), { client, password: 'x' });
  await expect(asked).rejects.toMatchObject({
    code: 'KDC_UNREACHABLE',
    message: expect.stringContaining(`${nobody}: `),
  });
});
