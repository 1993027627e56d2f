import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MitKdcs, startMitKdcs } from '../../../local/testing/mit-kdc.ts';
import {
  type Credential,
  cacheable,
  configurationFrom,
  formatPrincipal,
  KdcClient,
  NegotiateInitiator,
  obtainInitialTicket,
  obtainServiceTicket,
  parsePrincipal,
  TicketSource,
  writeCredentialCache,
} from '../src/index.ts';
import { type PythonAcceptor, startPythonAcceptor } from './acceptor/python-acceptor.ts';

const [home, middle, far] = ['HOME.EXAMPLE.ORG', 'MIDDLE.EXAMPLE.ORG', 'FAR.EXAMPLE.ORG'] as const;
const types = {
  17: 'aes128-cts-hmac-sha1-96',
  18: 'aes256-cts-hmac-sha1-96',
  19: 'aes128-cts-hmac-sha256-128',
  20: 'aes256-cts-hmac-sha384-192',
};
const password = 'Correct horse 1 "battery"';

let kdcs: MitKdcs;
let acceptor: PythonAcceptor;
beforeAll(async () => {
  const supported = Object.values(types).map((name) => `${name}:normal`);
  const settings = [`supported_enctypes = ${supported.join(' ')}`, 'host_based_services = *'];
  kdcs = await startMitKdcs(
    [home, middle, far].map((name) => ({ name, settings })),
    { '.middle.example.org': middle, '.far.example.org': far },
    [`${home} = {\n ${far} = ${middle}\n}`],
  );
  const keytab = join(kdcs.directory, 'service.keytab');
  for (const [type, name] of Object.entries(types)) {
    await kdcs.kadmin(home, `addprinc -pw "${password.replaceAll('"', '""')}" -e ${name}:normal user${type}`);
    await kdcs.kadmin(home, `addprinc -randkey -e ${name}:normal HTTP/web${type}.home.example.org`);
    await kdcs.kadmin(home, `ktadd -norandkey -k ${keytab} HTTP/web${type}.home.example.org`);
  }
  await kdcs.kadmin(home, `addprinc -pw "${password.replaceAll('"', '""')}" user`);
  for (const [here, there] of [
    [home, middle],
    [middle, far],
    [middle, home],
  ] as const) {
    for (const realm of [here, there])
      await kdcs.kadmin(realm, `addprinc -pw trust-${here}-${there} krbtgt/${there}@${here}`);
  }
  for (const [realm, host] of [
    [middle, 'web.middle.example.org'],
    [far, 'web.far.example.org'],
  ] as const) {
    await kdcs.kadmin(realm, `addprinc -randkey HTTP/${host}`);
    await kdcs.kadmin(realm, `ktadd -k ${keytab} HTTP/${host}`);
  }
  acceptor = startPythonAcceptor({ keytab, krb5Conf: kdcs.krb5Conf });
});
afterAll(async () => {
  await acceptor?.stop();
  await kdcs?.dispose();
});

const client = (more = '') => new KdcClient({ configuration: configurationFrom(kdcs.krb5ConfText + more) });
const nameOf = (service: string) => parsePrincipal(service, '?').name;

async function accepted(credential: Credential): Promise<string | undefined> {
  const channelBinding = Buffer.from('tls-unique:twelveoctets');
  const login = new NegotiateInitiator({ credential, channelBinding });
  const said = await acceptor.begin(channelBinding).step(login.initialToken());
  expect(said.error).toBeUndefined();
  expect(said.bound).toBe(true);
  login.nextToken(said.token as Buffer);
  expect(login.complete).toBe(true);
  return said.client;
}

test.each([17, 18, 19, 20] as const)(
  'encryption type %i: password, ticket, login, channel binding, signatures',
  async (type) => {
    const only = `[libdefaults]\npermitted_enctypes = ${types[type]}\n`;
    const kdc = client(only);
    const user = parsePrincipal(`user${type}`, home);
    const ticketGrantingTicket = await obtainInitialTicket(kdc, { client: user, password });
    expect(ticketGrantingTicket.key.type.number).toBe(type);
    const service = nameOf(`HTTP/web${type}.home.example.org`);
    const credential = await obtainServiceTicket(kdc, { ticketGrantingTicket, service });
    expect(credential.key.type.number).toBe(type);
    expect(await accepted(credential)).toBe(formatPrincipal(user));
    const offer = ['1.3.6.1.4.1.311.2.2.10', '1.2.840.113554.1.2.2'];
    const login = new NegotiateInitiator({ credential, offer });
    const context = acceptor.begin();
    let token: Buffer | undefined = login.initialToken();
    while (token) {
      const { token: answer } = await context.step(token);
      token = answer && login.nextToken(answer);
    }
    expect(login.complete).toBe(true);
  },
);

test('a wrong password, with each type', async () => {
  for (const type of [17, 18, 19, 20] as const) {
    const asked = obtainInitialTicket(client(), {
      client: parsePrincipal(`user${type}`, home),
      password: 'wrong',
    });
    // Without pre-authentication, the KDC encrypts its reply with the right key, so the wrong password cannot decrypt
    // it.
    await expect(asked).rejects.toMatchObject({ code: 'KDC_NOT_AUTHENTIC' });
  }
  await kdcs.kadmin(home, 'modprinc +requires_preauth user20');
  const asked = obtainInitialTicket(client(), { client: parsePrincipal('user20', home), password: 'wrong' });
  await expect(asked).rejects.toMatchObject({ code: 'KDC_ERR_PREAUTH_FAILED' });
  await expect(
    obtainInitialTicket(client(), { client: parsePrincipal('user20', home), password }),
  ).resolves.toBeDefined();
});

test("a client that may use none of the account's types", async () => {
  const kdc = client('[libdefaults]\npermitted_enctypes = aes128-cts-hmac-sha256-128\n');
  const asked = obtainInitialTicket(kdc, { client: parsePrincipal('user18', home), password });
  await expect(asked).rejects.toMatchObject({
    code: expect.stringMatching(/^(KDC_ERR_ETYPE_NOSUPP|ENCRYPTION_TYPE_UNSUPPORTED)$/),
  });
});

test('KDCs refer us to another realm, and on to a third', async () => {
  const ticketGrantingTicket = await obtainInitialTicket(client(), {
    client: parsePrincipal('user', home),
    password,
  });
  for (const [service, realm] of [
    ['HTTP/web.middle.example.org', middle],
    ['HTTP/web.far.example.org', far],
  ] as const) {
    const credential = await obtainServiceTicket(client(), {
      ticketGrantingTicket,
      service: nameOf(service),
    });
    expect(formatPrincipal(credential.server)).toBe(`${service}@${realm}`);
    expect(await accepted(credential)).toBe(`user@${home}`);
  }
});

test('our own [domain_realm] leads to another realm as well', async () => {
  await kdcs.kadmin(middle, 'addprinc -randkey HTTP/alias.home.example.org');
  const ticketGrantingTicket = await obtainInitialTicket(client(), {
    client: parsePrincipal('user', home),
    password,
  });
  const service = nameOf('HTTP/alias.home.example.org');
  const asked = (kdc: KdcClient) => obtainServiceTicket(kdc, { ticketGrantingTicket, service });
  await expect(asked(client())).rejects.toMatchObject({ code: 'KDC_ERR_S_PRINCIPAL_UNKNOWN' });
  const credential = await asked(client(`[domain_realm]\nalias.home.example.org = ${middle}\n`));
  expect(credential.server.realm.toString()).toBe(middle);
});

test("the realm in a service's name is the one that is asked, near or far", async () => {
  const cache = join(kdcs.directory, 'cache-of-user');
  const principal = parsePrincipal('user', home);
  const granting = await obtainInitialTicket(client(), { client: principal, password });
  await writeCredentialCache(cache, { principal, credentials: [cacheable(granting)], clockOffset: 0 });
  const tickets = new TicketSource({ cache, configuration: configurationFrom(kdcs.krb5ConfText) });
  for (const realm of [middle, far]) {
    await kdcs.kadmin(realm, 'addprinc -randkey HTTP/nowhere.example.org');
    const credential = await tickets.ticketFor(`HTTP/nowhere.example.org@${realm}`);
    expect(formatPrincipal(credential.server)).toBe(`HTTP/nowhere.example.org@${realm}`);
  }
  await expect(tickets.ticketFor(`HTTP/nowhere.example.org@${home}`)).rejects.toMatchObject({
    code: 'KDC_ERR_S_PRINCIPAL_UNKNOWN',
  });
});

test('a referral to a realm without known KDCs', async () => {
  const ticketGrantingTicket = await obtainInitialTicket(client(), {
    client: parsePrincipal('user', home),
    password,
  });
  const alone = `[libdefaults]\ndns_lookup_kdc = false\n[realms]\n${home} = {\n kdc = ${kdcs.address(home)}\n}`;
  const kdc = new KdcClient({ configuration: configurationFrom(alone) });
  const asked = obtainServiceTicket(kdc, {
    ticketGrantingTicket,
    service: nameOf('HTTP/web.middle.example.org'),
  });
  await expect(asked).rejects.toMatchObject({
    code: 'REALM_UNKNOWN',
    message: expect.stringContaining(middle),
  });
});
