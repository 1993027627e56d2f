import { inspect } from 'node:util';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { kdcServer, type Listening } from '../../../../local/testing/message-servers.ts';
import { forgedCredential, krbError } from '../../test/acceptor/own-acceptor.ts';
import {
  methodData,
  type Reply,
  readRequest,
  reply,
  timestampIsSealedWith,
  typeInfo,
} from '../../test/kdc/scripted-kdc.ts';
import { configurationFrom } from '../configuration/load-configuration.ts';
import { Key } from '../crypto/key.ts';
import { KerberosError } from '../errors/kerberos-error.ts';
import { type Principal, parsePrincipal, ticketGrantingService } from '../principal.ts';
import { obtainInitialTicket } from './as-exchange.ts';
import { KdcClient } from './kdc-client.ts';
import { obtainServiceTicket } from './tgs-exchange.ts';

const running: Listening[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
});

/** A client that uses one KDC for every realm. */
async function clientOf(
  answer: (message: Buffer) => Buffer,
  realms: readonly string[] = ['HOME'],
  more = '',
) {
  const server = await kdcServer(answer);
  running.push(server);
  const lines = realms.map((realm) => `${realm} = {\nkdc = ${server.host}:${server.port}\n}`);
  const configuration = configurationFrom(
    `[libdefaults]\ndns_lookup_kdc = false\n[realms]\n${lines.join('\n')}\n${more}`,
  );
  return new KdcClient({ configuration, timeoutMilliseconds: 60_000 });
}

const client = parsePrincipal('user@HOME');
const home = ticketGrantingService(client.realm);
const service = parsePrincipal('HTTP/web.example.org@HOME');
const granting = () => forgedCredential(18, { client, server: home });
const realm = (name: string) => Buffer.from(name);

/** A KDC that decrypts the ticket and replies with the given changes. */
const tgs =
  (ticket: ReturnType<typeof granting>, change: (asked: ReturnType<typeof readRequest>) => Partial<Reply>) =>
  (message: Buffer) => {
    const asked = readRequest(message, ticket.key);
    const usual = {
      type: 13,
      client,
      server: service,
      nonce: asked.nonce,
      key: asked.subkey as Key,
      usage: 9,
    } as const;
    return reply({ ...usual, ...change(asked) });
  };
const ask = (kdc: KdcClient, ticketGrantingTicket = granting()) =>
  obtainServiceTicket(kdc, { ticketGrantingTicket, service: service.name });

test('a reply encrypted with the subkey, or with the session key by a KDC that ignores the subkey', async () => {
  const ticket = granting();
  for (const change of [() => ({}), () => ({ key: ticket.key, usage: 8 })]) {
    expect((await ask(await clientOf(tgs(ticket, change)), ticket)).server).toEqual(service);
  }
});

test.each([
  ['for another request', () => ({ nonce: 1 }), /different request/],
  ['sealed with another key', () => ({ key: Key.random(18) }), /without having opened/],
  ['sealed for another use', () => ({ usage: 8 }), /without having opened/],
  ['with a ticket for another server than it says', () => ({ serverOfTicket: home }), /different server/],
  [
    'for another user',
    () => ({ client: parsePrincipal('other@HOME') }),
    /ticket of other@HOME, not of user@HOME/,
  ],
  ['for a user of another realm', () => ({ client: parsePrincipal('user@AWAY') }), /ticket of user@AWAY/],
] as const)('refused: a reply %s', async (_, change, told) => {
  const ticket = granting();
  await expect(ask(await clientOf(tgs(ticket, change)), ticket)).rejects.toMatchObject({
    code: 'KDC_NOT_AUTHENTIC',
    message: expect.stringMatching(told),
  });
});

/** One KDC for all realms. All tickets have the key of the first one, so that it can decrypt each. */
const referring = (next: (realm: string) => string) => {
  const ticket = granting();
  const asked: string[] = [];
  const answer = tgs(ticket, (request) => {
    asked.push(request.realm);
    const server: Principal = ticketGrantingService(realm(next(request.realm)), realm(request.realm));
    return { server, sessionKey: ticket.key };
  });
  return { ticket, asked, answer };
};

test('a KDC that issues another ticket when asked for one to another realm', async () => {
  const ticket = granting();
  const kdc = await clientOf(
    tgs(ticket, () => ({})),
    ['HOME', 'AWAY'],
    '[domain_realm]\nweb.example.org = AWAY\n',
  );
  await expect(ask(kdc, ticket)).rejects.toMatchObject({
    code: 'REFERRAL_REFUSED',
    message: expect.stringContaining('to HTTP/web.example.org, which is not a realm'),
  });
});

test('realms that refer us in a circle', async () => {
  const circle: Readonly<Record<string, string>> = { HOME: 'A', A: 'B', B: 'HOME' };
  const { ticket, asked, answer } = referring((from) => circle[from] as string);
  await expect(ask(await clientOf(answer, Object.keys(circle)), ticket)).rejects.toMatchObject({
    code: 'REFERRAL_REFUSED',
    message: expect.stringContaining('HOME → A → B → HOME'),
  });
  expect(asked).toEqual(['HOME', 'A', 'B']);
});

test('realms that refer us on and on', async () => {
  const realms = ['HOME', ...Array.from({ length: 20 }, (_, index) => `R${index}`)];
  const { ticket, asked, answer } = referring((from) => realms[realms.indexOf(from) + 1] as string);
  await expect(ask(await clientOf(answer, realms), ticket)).rejects.toMatchObject({
    code: 'REFERRAL_REFUSED',
    message: expect.stringContaining('on and on'),
  });
  expect(asked).toHaveLength(10);
});

test('neither an expired ticket-granting ticket nor any other ticket is sent', async () => {
  const kdc = await clientOf(() => {
    throw new Error('asked');
  });
  await expect(ask(kdc, { ...granting(), endsAt: new Date(0) })).rejects.toMatchObject({
    code: 'TICKET_EXPIRED',
  });
  await expect(ask(kdc, { ...granting(), server: service })).rejects.toMatchObject({
    code: 'MESSAGE_MALFORMED',
  });
});

const password = 'Sesame-0pen';
const obtain = (kdc: KdcClient) => obtainInitialTicket(kdc, { client, password });

/** A KDC that requires pre-authentication and then sends the given reply. */
const as = (offer: { type: number; value: Buffer }[], give: (message: Buffer) => Buffer) => {
  let first = true;
  return (message: Buffer) => {
    if (!first) return give(message);
    first = false;
    return krbError(25, { data: methodData(offer) });
  };
};
const timestamp = { type: 2, value: Buffer.alloc(0) };

test.each([17, 18, 19, 20])("the key is derived with the KDC's recipe, type %i", async (type) => {
  const rounds = Buffer.from([0, 0, 0, 7]);
  const key = await Key.ofPassword(type, password, Buffer.from('pepper'), 7);
  const give = (message: Buffer) => {
    expect(timestampIsSealedWith(message, key)).toBe(true);
    return reply({ type: 11, client, server: home, nonce: readRequest(message).nonce, key, usage: 3 });
  };
  const credential = await obtain(await clientOf(as([timestamp, typeInfo(type, 'pepper', rounds)], give)));
  expect(credential.server).toEqual(home);
});

test.each([
  ['none', Buffer.from([0, 0, 0, 0])],
  ['more than a million', Buffer.from([0, 0x0f, 0x42, 0x41])],
  ['four thousand million', Buffer.from([255, 255, 255, 255])],
  ['a number of five octets', Buffer.alloc(5, 1)],
  ['nothing at all', Buffer.alloc(0)],
])('rounds for the key: %s is refused, and nothing is computed or sent', async (_, rounds) => {
  let asked = 0;
  const give = () => {
    asked += 1;
    return krbError(24);
  };
  const kdc = await clientOf(as([timestamp, typeInfo(18, 'salt', rounds)], give));
  await expect(obtain(kdc)).rejects.toMatchObject({
    code: 'MESSAGE_MALFORMED',
    message: expect.stringContaining('rounds'),
  });
  expect(asked).toBe(0);
});

test('an account with RC4 keys only, and a KDC that requires another proof than the password', async () => {
  const rc4 = await clientOf(as([timestamp, typeInfo(23, '')], () => krbError(24)));
  await expect(obtain(rc4)).rejects.toMatchObject({
    code: 'ENCRYPTION_TYPE_UNSUPPORTED',
    message: expect.stringContaining('23'),
  });
  const certificates = await clientOf(as([{ type: 16, value: Buffer.alloc(0) }], () => krbError(24)));
  await expect(obtain(certificates)).rejects.toMatchObject({ code: 'KDC_ERR_PREAUTH_REQUIRED' });
});

test.each([
  ['of another user', { client: parsePrincipal('other@HOME') }, 'KDC_NOT_AUTHENTIC'],
  [
    'in which only the case of the name differs, as in Active Directory',
    { client: parsePrincipal('User@HOME') },
    undefined,
  ],
  ['with a ticket for another service', { server: service }, 'KDC_NOT_AUTHENTIC'],
  ['for the service of another realm', { server: { ...home, realm: realm('AWAY') } }, 'KDC_NOT_AUTHENTIC'],
  [
    'in which only the case of the service differs',
    { server: ticketGrantingService(realm('Home')) },
    undefined,
  ],
  ['for another request', { nonce: 1 }, 'KDC_NOT_AUTHENTIC'],
  ['by somebody who does not know the password', { key: Key.random(18) }, 'KDC_NOT_AUTHENTIC'],
  ['sealed for another use', { usage: 8 }, 'KDC_NOT_AUTHENTIC'],
] as const)('a reply %s', async (_, change, code) => {
  const key = await Key.ofPassword(18, password, Buffer.from('HOMEuser'));
  const give = (message: Buffer) =>
    reply({ type: 11, client, server: home, nonce: readRequest(message).nonce, key, usage: 3, ...change });
  const asked = obtain(await clientOf(as([timestamp], give)));
  if (code) await expect(asked).rejects.toMatchObject({ code });
  else await expect(asked).resolves.toMatchObject({ server: home, ...('server' in change && change) });
});

test('a reply encrypted with a different key of the account than the one that proved the password', async () => {
  const key = await Key.ofPassword(17, password, Buffer.from('pepper'));
  const give = (data: Reply['data']) => (message: Buffer) =>
    reply({
      type: 11,
      client,
      server: home,
      nonce: readRequest(message).nonce,
      key,
      usage: 3,
      data: data ?? [],
    });
  const told = give([typeInfo(17, 'pepper')]);
  await expect(obtain(await clientOf(as([timestamp], told)))).resolves.toMatchObject({ server: home });
  await expect(obtain(await clientOf(told))).resolves.toMatchObject({ server: home });
  const strict = await clientOf(told, ['HOME'], '[libdefaults]\npermitted_enctypes = aes256-cts\n');
  await expect(obtain(strict)).rejects.toMatchObject({ code: 'ENCRYPTION_TYPE_UNSUPPORTED' });
  // Without a recipe from the KDC, the default salt is used, which differs from this one.
  await expect(obtain(await clientOf(give([])))).rejects.toMatchObject({ code: 'KDC_NOT_AUTHENTIC' });
});

test.each([
  ['nothing', () => Buffer.alloc(0), /: the answer is not a message from a KDC\.$/],
  ['a reply without its end', () => Buffer.from([0x6b, 9]), /: the reply of the KDC is cut short\.$/],
  ['a KRB-ERROR without its end', () => krbError(6).subarray(0, 30), /: the KRB-ERROR is cut short\.$/],
  [
    'a KRB-ERROR with more',
    () => Buffer.concat([krbError(6), Buffer.alloc(1)]),
    /: there are octets after the end/,
  ],
  [
    'ways of no list',
    () => krbError(25, { data: Buffer.from([0x30, 0x80, 0, 0]) }),
    /: a length in the ways/,
  ],
])('what answers with %s is named', async (_, answer, told) => {
  const message = expect.stringMatching(/^The KDC 127\.0\.0\.1 sent an answer that is not valid Kerberos: /);
  const asked = await clientOf(answer);
  await expect(obtain(asked)).rejects.toMatchObject({ code: 'MESSAGE_MALFORMED', message });
  await expect(obtain(asked)).rejects.toThrow(told);
});

test('changed or random answers of a KDC: documented errors without secrets, and no ticket', async () => {
  const key = await Key.ofPassword(18, password, Buffer.from('HOMEuser'));
  let change = (octets: Buffer) => octets;
  const kdc = await clientOf((message) =>
    change(reply({ type: 11, client, server: home, nonce: readRequest(message).nonce, key, usage: 3 })),
  );
  await expect(obtain(kdc)).resolves.toBeDefined();
  await fc.assert(
    fc.asyncProperty(
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      fc.boolean(),
      async (at, difference, cut) => {
        change = (octets) => {
          if (cut) return octets.subarray(0, at % octets.length);
          const changed = Buffer.from(octets);
          changed[at % octets.length] = (changed[at % octets.length] as number) ^ difference;
          return changed;
        };
        const outcome = await obtain(kdc).catch((error: unknown) => error);
        // The unencrypted part holds the client's name and the ticket, which only its server can decrypt. Changes there
        // leave the encrypted part intact.
        if (!(outcome instanceof KerberosError)) {
          expect(outcome).toMatchObject({ server: home });
          return;
        }
        const shown = inspect(outcome, { depth: Number.POSITIVE_INFINITY });
        expect(shown).not.toContain(password);
        expect(shown).not.toContain(key.octets.toString('base64'));
        expect(shown.replaceAll(' ', '')).not.toContain(key.octets.toString('hex'));
      },
    ),
    { numRuns: 300 },
  );
});
