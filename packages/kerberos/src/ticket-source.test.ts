import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { kdcServer } from '../../../local/testing/message-servers.ts';
import { forgedCredential } from '../test/acceptor/own-acceptor.ts';
import { readRequest, reply } from '../test/kdc/scripted-kdc.ts';
import { configurationFrom } from './configuration/load-configuration.ts';
import { type CachedCredential, cacheable } from './credential-cache/credential-cache.ts';
import { writeCredentialCache } from './credential-cache/files.ts';
import type { Key } from './crypto/key.ts';
import { formatPrincipal, parsePrincipal, ticketGrantingService } from './principal.ts';
import { TicketSource } from './ticket-source.ts';

const service = 'MSSQLSvc/db.corp.example.com:1433';
const realm = 'CORP.EXAMPLE.COM';
const hour = 3_600_000;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ticket-source-'));
  return () => rm(folder, { recursive: true });
});
afterEach(() => vi.unstubAllEnvs());

function ticket(changes: Partial<CachedCredential> = {}, user = 'db-user'): CachedCredential {
  return { ...cacheable(forgedCredential()), client: parsePrincipal(`${user}@${realm}`), ...changes };
}

async function cacheOf(file: string, credentials: CachedCredential[], user = 'db-user'): Promise<string> {
  const path = join(folder, file);
  await writeCredentialCache(path, {
    principal: parsePrincipal(`${user}@${realm}`),
    credentials,
    clockOffset: 0,
  });
  return path;
}

const at = (milliseconds: number) => new Date(Math.floor((Date.now() + milliseconds) / 1000) * 1000);

test.each<[string, CachedCredential[]]>([
  ['one that has ended and lasts', [ticket({ endsAt: at(-hour) }), ticket()]],
  ['one for later', [ticket({ startsAt: at(2 * hour), endsAt: at(9 * hour) }), ticket()]],
  ['one with a key of RC4', [ticket({ keyType: 23, key: Buffer.alloc(16), endsAt: at(9 * hour) }), ticket()]],
  [
    'one that MIT Kerberos has removed',
    [ticket({ endsAt: new Date(0), authenticatedAt: new Date(0xffffffff * 1000) }), ticket()],
  ],
])('of two tickets for the service, the one that is good now is used, not %s', async (_, both) => {
  for (const credentials of [both, [...both].reverse()]) {
    const cache = await cacheOf('two', credentials);
    expect((await new TicketSource({ cache }).ticketFor(service)).ticket).toEqual(both[1]?.ticket);
    expect((await new TicketSource({ cache }).ticketFor(service)).endsAt).toEqual(both[1]?.endsAt);
  }
});

test.each<[string, Partial<CachedCredential>]>([
  ['of another user, for whom this one acts', { client: parsePrincipal(`boss@${realm}`) }],
  ['of the same name in another realm', { client: parsePrincipal('db-user@OTHER.EXAMPLE.ORG') }],
  ['that only a peer can open', { isSessionKey: true }],
])('a ticket %s is not taken for the own', async (_, changes) => {
  const foreign = ticket({ ...changes, endsAt: at(9 * hour) });
  const own = ticket({ endsAt: at(hour) });
  const both = new TicketSource({ cache: await cacheOf('foreign', [foreign, own]) });
  expect((await both.ticketFor(service)).endsAt).toEqual(own.endsAt);
  const alone = new TicketSource({ cache: await cacheOf('foreign', [foreign]) });
  await expect(alone.ticketFor(service)).rejects.toMatchObject({ code: 'TICKET_MISSING' });
});

test("a name whose case differs from the user's spelling is still the client's own", async () => {
  const cache = await cacheOf('case', [ticket({ client: parsePrincipal(`DB-User@${realm}`) })]);
  await expect(new TicketSource({ cache }).ticketFor(service)).resolves.toBeDefined();
});

test('a key that is too short for its type is reported as a malformed cache', async () => {
  const cache = await cacheOf('short', [ticket({ key: Buffer.alloc(16) })]);
  await expect(new TicketSource({ cache }).ticketFor(service)).rejects.toMatchObject({
    code: 'CREDENTIAL_CACHE_MALFORMED',
  });
});

test('a removed ticket is not reported as expired', async () => {
  const cache = await cacheOf('removed', [ticket({ endsAt: new Date(0) })]);
  await expect(new TicketSource({ cache }).ticketFor(service)).rejects.toMatchObject({
    code: 'TICKET_MISSING',
  });
});

test('a realm in the name is the realm of the ticket', async () => {
  const cache = await cacheOf('realms', [
    ticket({ server: parsePrincipal(`${service}@OTHER.EXAMPLE.ORG`), endsAt: at(9 * hour) }),
    ticket({ endsAt: at(hour) }),
  ]);
  const source = new TicketSource({ cache });
  const realmOf = async (name: string) => (await source.ticketFor(name)).server.realm.toString();
  expect(await realmOf(`${service}@${realm}`)).toBe(realm);
  expect(await realmOf(`${service}@OTHER.EXAMPLE.ORG`)).toBe('OTHER.EXAMPLE.ORG');
  expect(await realmOf(service)).toBe('OTHER.EXAMPLE.ORG');
  await expect(source.ticketFor(`${service}@NOBODY.EXAMPLE.NET`)).rejects.toMatchObject({
    code: 'TICKET_MISSING',
    message: expect.stringContaining(`No ticket for ${service}@NOBODY.EXAMPLE.NET`),
  });
});

test('in a collection, the cache of the requested client is used', async () => {
  const collection = join(folder, 'collection');
  await mkdir(collection);
  await cacheOf('collection/tkt', [ticket()]);
  await cacheOf('collection/tktreporting', [ticket({}, 'reporting')], 'reporting');
  await writeFile(join(collection, 'tktbroken'), 'no cache');
  const source = new TicketSource({ cache: `DIR:${collection}` });
  const clientOf = async (client?: string) =>
    formatPrincipal((await source.ticketFor(service, { client })).client);
  expect(await clientOf()).toBe(`db-user@${realm}`);
  expect(await clientOf('reporting')).toBe(`reporting@${realm}`);
  expect(await clientOf(`reporting@${realm}`)).toBe(`reporting@${realm}`);
  expect(await clientOf('db-user')).toBe(`db-user@${realm}`);
  await expect(clientOf('nobody')).rejects.toMatchObject({
    code: 'TICKET_MISSING',
    message: expect.stringContaining('no ticket of nobody'),
  });
  // `DIR::` selects one cache of the collection.
  const one = new TicketSource({ cache: `DIR::${collection}/tkt` });
  await expect(one.ticketFor(service, { client: 'reporting' })).rejects.toMatchObject({
    code: 'TICKET_MISSING',
  });
  // No primary cache has been chosen, or it is gone.
  await writeFile(join(collection, 'primary'), 'tktgone\n');
  expect(await clientOf('reporting')).toBe(`reporting@${realm}`);
  await writeFile(join(collection, 'primary'), '../outside\n');
  expect(await clientOf('reporting')).toBe(`reporting@${realm}`);
  await expect(clientOf('nobody')).rejects.toMatchObject({ code: 'CREDENTIAL_CACHE_MALFORMED' });
});

test('a rewritten configuration applies from the next ticket on', async () => {
  const file = join(folder, 'krb5.conf');
  vi.stubEnv('KRB5_CONFIG', file);
  vi.stubEnv('KRB5CCNAME', undefined);
  const source = new TicketSource();
  const configured = (name: string) => writeFile(file, `[libdefaults]\n default_ccache_name = ${name}\n`);
  await configured(await cacheOf('one', [ticket()]));
  expect((await source.currentCache()).path).toBe(join(folder, 'one'));
  const kdc = await source.kdcClient();
  expect(await source.kdcClient(), 'the same text is the same client').toBe(kdc);
  await configured(await cacheOf('two', [ticket()]));
  expect((await source.currentCache()).path).toBe(join(folder, 'two'));
  expect(await source.kdcClient()).not.toBe(kdc);
});

test('a ticket that has expired when the KDC issues it is reported once; the KDC is not asked again and again', async () => {
  const client = parsePrincipal(`db-user@${realm}`);
  const granting = forgedCredential(18, { server: ticketGrantingService(Buffer.from(realm)) });
  const cache = await cacheOf('granting', [{ ...cacheable(granting), client }]);
  const before = await readFile(cache);
  let asked = 0;
  let endsAt = at(-hour);
  await using stack = new AsyncDisposableStack();
  const kdc = await kdcServer((message) => {
    asked += 1;
    // Without this limit, a broken client would ask forever.
    if (asked > 3) throw new Error('asked again and again');
    const { nonce, subkey } = readRequest(message, granting.key);
    const server = parsePrincipal(`${service}@${realm}`);
    return reply({ type: 13, client, server, nonce, key: subkey as Key, usage: 9, endsAt });
  });
  stack.defer(() => kdc.stop());
  const configuration = configurationFrom(`[realms]\n${realm} = {\nkdc = ${kdc.host}:${kdc.port}\n}\n`);
  const source = new TicketSource({ cache, configuration, timeoutMilliseconds: 60_000 });
  await expect(source.ticketFor(service)).rejects.toMatchObject({
    code: 'TICKET_EXPIRED',
    message: expect.stringMatching(/the KDC has just issued ended at .*Z; the time here is /),
    hint: expect.stringContaining('clock of this machine is ahead'),
  });
  expect(asked).toBe(1);
  endsAt = at(hour);
  await expect(source.ticketFor(service)).resolves.toMatchObject({ endsAt });
  expect(asked).toBe(2);
  expect(await readFile(cache), 'a new ticket is kept in memory').toEqual(before);
  expect(await readdir(folder)).toEqual(['granting']);
});
