import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { cacheable, writeCredentialCache } from 'kerberos-client';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { sealTicket } from '../../kerberos/test/acceptor/sealed-ticket.ts';
import { kerberos, readCredentialCache } from '../src/index.ts';
import { type GssapiServer, startGssapiServer } from './domain/gssapi-server.ts';
import { type KerberosSite, startKerberosSite } from './domain/kerberos-site.ts';

let site: KerberosSite;
let server: GssapiServer;
beforeAll(async () => {
  site = await startKerberosSite();
  server = await startGssapiServer(site);
});
afterAll(async () => {
  await server?.stop();
  await site?.dispose();
});
beforeEach(() => {
  server.tamper = (token) => token;
});

test('with a ticket-granting ticket', async () => {
  expect(await site.login(await site.kinit('tgt'))).toEqual({ rows: [] });
  expect(server.clients.at(-1)).toBe('db-user@CORP.EXAMPLE.COM');
});

test('with a cache that holds only the service ticket, and no domain controller', async () => {
  const ccache = await site.kinit('service-ticket', { service: site.spn });
  expect((await readCredentialCache(ccache)).tickets.map(({ server }) => server)).toEqual([
    `${site.spn}@CORP.EXAMPLE.COM`,
  ]);
  await site.domain.stop();
  try {
    expect(await site.login(ccache)).toEqual({ rows: [] });
  } finally {
    await site.domain.start();
  }
});

test('with an explicit service principal name, to a host with another name', async () => {
  const ccache = await site.kinit('explicit');
  const connection = { server: site.address };
  expect(await site.login(ccache, { connection, spn: site.spn })).toEqual({ rows: [] });
  expect(await site.login(ccache, { connection })).toMatchObject({ error: { code: 'SPN_UNKNOWN' } });
});

/**
 * Makes the user a member of so many groups, through nesting: the user is in the first, and each group is in two others.
 * With direct membership, the directory would rewrite the user's growing list for each group.
 */
async function joinGroups(count: number): Promise<void> {
  const { domain, user } = site;
  const dn = (name: string) => `CN=${name},CN=Users,${domain.baseDn}`;
  const entries = Array.from({ length: count }, (_, index) =>
    [
      `dn: ${dn(`group-${index}`)}`,
      'changetype: add',
      'objectClass: group',
      `sAMAccountName: group-${index}`,
      `member: ${dn(index === 0 ? user.name : `group-${(index - 1) >> 1}`)}`,
      '',
    ].join('\n'),
  );
  for (let first = 0; first < count; first += 500) {
    await domain.modify(entries.slice(first, first + 500).join('\n'));
  }
}

test('with a ticket of more than 12 kB, as for a member of very many groups', async () => {
  await joinGroups(1500);
  const ccache = await site.kinit('many-groups', { service: site.spn });
  expect((await stat(ccache)).size).toBeGreaterThan(12_000);
  expect(await site.login(ccache)).toEqual({ rows: [] });
  expect(server.logins.at(-1)?.sspi.length).toBeGreaterThan(12_000);
  expect(server.logins.at(-1)?.packets).toBeGreaterThan(3);
});

test.each([65_000, 70_000, 200_000])(
  'with a ticket that has %i bytes of authorization data',
  async (size) => {
    const client = 'db-user@CORP.EXAMPLE.COM';
    const service = `${site.spn}@CORP.EXAMPLE.COM`;
    const credential = await sealTicket({ keytab: site.keytab, client, service, authorizationData: size });
    const ccache = join(site.directory, `large-${size}`);
    await writeCredentialCache(ccache, {
      principal: credential.client,
      credentials: [cacheable(credential)],
      clockOffset: 0,
    });
    expect(await site.login(ccache)).toEqual({ rows: [] });
    expect(server.clients.at(-1)).toBe(client);
    expect(server.logins.at(-1)?.sspi.length).toBeGreaterThan(size);
  },
);

test('readCredentialCache() agrees with klist', async () => {
  const { principal, tickets } = await readCredentialCache(await site.kinit('read', { lifetime: 3600 }));
  expect(principal).toBe('db-user@CORP.EXAMPLE.COM');
  expect(tickets).toHaveLength(1);
  const [ticket] = tickets;
  expect(ticket).toMatchObject({
    server: 'krbtgt/CORP.EXAMPLE.COM@CORP.EXAMPLE.COM',
    encryptionType: 18,
  });
  expect(Number(ticket?.endsAt) - Number(ticket?.startsAt)).toBeCloseTo(3_600_000, -4);
});

test.each<[string, (token: Buffer) => Buffer]>([
  ['one bit of its token is changed', (token) => Buffer.from(token.fill((token[60] as number) ^ 1, 60, 61))],
  ['its token is cut short', (token) => token.subarray(0, token.length - 1)],
  ['its token is empty', () => Buffer.alloc(0)],
  ['it says "accepted" without proof', () => Buffer.from('a1073005a0030a0100', 'hex')],
  ['its token is noise', (token) => randomBytes(token.length)],
])('a server that cannot prove itself is refused: %s', async (_, tamper) => {
  server.tamper = tamper;
  const { error } = await site.login(await site.kinit('tampered', { service: site.spn }));
  expect(error).toMatchObject({ code: 'SERVER_NOT_AUTHENTIC', step: 'login' });
  expect(error?.message).toContain(site.host);
});

test.each([false, true])(
  'no server token makes Kerberos hang, crash or throw anything but SERVER_NOT_AUTHENTIC (native: %s)',
  async (native) => {
    process.env.KRB5CCNAME = await site.kinit('fuzz', { service: site.spn });
    const genuine = Buffer.from('a1143012a0030a0101a10b06092a864886f712010202', 'hex');
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 600 }).map((data) => Buffer.from(data));
    const changed = fc.tuple(fc.nat(genuine.length - 1), fc.nat(255)).map(([at, value]) => {
      const copy = Buffer.from(genuine);
      copy[at] = value;
      return copy;
    });
    await fc.assert(
      fc.asyncProperty(fc.oneof(bytes, changed), async (token) => {
        const session = kerberos({ native }).begin({ host: site.host, port: 1433 });
        const { signal } = new AbortController();
        await session.initialToken(signal, Promise.resolve(undefined));
        const outcome = await session.nextToken(token, signal).catch((error: unknown) => error);
        if (outcome instanceof Error) expect(outcome).toMatchObject({ code: 'SERVER_NOT_AUTHENTIC' });
        expect(session.complete).toBe(false);
        session.dispose();
      }),
      { numRuns: 150 },
    );
  },
);
