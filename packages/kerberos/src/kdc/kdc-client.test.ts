import { afterEach, expect, test } from 'vitest';
import {
  kdcServer,
  type Listening,
  tcpServer,
  udpServer,
} from '../../../../local/testing/message-servers.ts';
import { krbError } from '../../test/acceptor/own-acceptor.ts';
import { configurationFrom } from '../configuration/load-configuration.ts';
import { parsePrincipal } from '../principal.ts';
import { TicketSource } from '../ticket-source.ts';
import { obtainInitialTicket } from './as-exchange.ts';
import { changePassword } from './change-password.ts';
import { KdcClient, type KdcClientOptions } from './kdc-client.ts';
import { probeKdc } from './kdc-clock.ts';
import type { ResolveSrv } from './locate.ts';

const running: Listening[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
});
async function started(starting: Promise<Listening>): Promise<Listening> {
  const server = await starting;
  running.push(server);
  return server;
}

const question = Buffer.from('a question');
const answer = Buffer.from([0x6b, 0]);

function client(
  servers: readonly Pick<Listening, 'host' | 'port'>[],
  options: Partial<KdcClientOptions> = {},
) {
  const lines = servers.map(({ host, port }) => `kdc = ${host}:${port}`);
  const text = `[libdefaults]\ndns_lookup_kdc = false\n[realms]\nR = {\n${lines.join('\n')}\n}`;
  return new KdcClient({ configuration: configurationFrom(text), timeoutMilliseconds: 1000, ...options });
}

/** A port on which no server listens. */
async function nobody(): Promise<Listening> {
  const server = await tcpServer(() => undefined);
  await server.stop();
  return server;
}

test.each([
  ['says nothing', (): undefined => undefined, /no answer in 1000 ms/],
  ['sends an incomplete answer', () => Buffer.from([0, 0, 0, 9, 1]), /no answer in 1000 ms/],
  ['says that a gigabyte comes', () => Buffer.from([0x40, 0, 0, 0, 1]), /too long \(1073741824 octets\)/],
  ['says that a little more than a megabyte comes', () => Buffer.from([0, 0x10, 0, 1]), /too long/],
] as const)('a KDC that %s: the next is asked, and is asked first from then on', async (_, say, told) => {
  let count = 0;
  const bad = await started(
    tcpServer((): Buffer | undefined => {
      count += 1;
      return say();
    }),
  );
  const good = await started(kdcServer(() => answer));
  const kdc = client([bad, good]);
  expect((await kdc.ask('R', question)).message.equals(answer)).toBe(true);
  expect((await kdc.ask('R', question)).message.equals(answer)).toBe(true);
  expect(count).toBe(1);
  await expect(client([bad]).ask('R', question)).rejects.toMatchObject({
    code: 'KDC_UNREACHABLE',
    message: expect.stringMatching(told),
  });
});

test.each([Number.POSITIVE_INFINITY, 2 ** 31, 2 ** 53])(
  'a limit of %d ms is practically none',
  async (limit) => {
    const good = await started(kdcServer(() => answer));
    const kdc = client([good], { timeoutMilliseconds: limit });
    expect((await kdc.ask('R', question)).message.equals(answer)).toBe(true);
  },
);

test.each([0, -1, Number.NaN, '5'])('%s is not a valid limit, for a client or a ticket source', (limit) => {
  const timeoutMilliseconds = limit as number;
  expect(() => client([], { timeoutMilliseconds })).toThrow(/"timeoutMilliseconds" must be/);
  expect(() => new TicketSource({ timeoutMilliseconds })).toThrow(/"timeoutMilliseconds" must be/);
});

test('a KDC that ends the connection', async () => {
  const bad = await started(tcpServer((_, socket) => void socket.destroy()));
  await expect(client([bad]).ask('R', question)).rejects.toMatchObject({ code: 'KDC_UNREACHABLE' });
});

test('an answer that comes octet by octet is put together', async () => {
  const slow = await started(
    tcpServer((_, socket) => {
      for (const octet of [0, 0, 0, 2, ...answer]) socket.write(Buffer.from([octet]));
      return undefined;
    }),
  );
  expect((await client([slow]).ask('R', question)).message.equals(answer)).toBe(true);
});

test('a KDC that is not available at the moment: the next one is tried', async () => {
  const bad = await started(kdcServer(() => krbError(29)));
  const good = await started(kdcServer(() => krbError(7)));
  expect((await client([bad, good]).ask('R', question)).error?.code).toBe(7);
  await expect(client([bad]).ask('R', question)).rejects.toMatchObject({
    message: expect.stringContaining('not available'),
  });
});

test.each([
  ['nothing', () => Buffer.alloc(0)],
  ['a page of the web', () => Buffer.from('HTTP/1.1 400 Bad Request')],
  ['half of a KRB-ERROR', () => krbError(6).subarray(0, 30)],
])('what is no KDC and answers %s: the next is asked', async (_, say) => {
  const bad = await started(kdcServer(say));
  const good = await started(kdcServer(() => answer));
  expect((await client([bad, good]).ask('R', question)).message.equals(answer)).toBe(true);
  await expect(client([bad, await nobody()]).ask('R', question)).rejects.toMatchObject({
    code: 'MESSAGE_MALFORMED',
  });
});

test('a KDC that refuses TCP is asked by UDP, and again if a datagram is lost', async () => {
  const { port } = await nobody();
  let count = 0;
  await started(
    udpServer(() => {
      count += 1;
      return count > 1 ? answer : undefined;
    }, port),
  );
  const kdc = client([{ host: '127.0.0.1', port }], { timeoutMilliseconds: 60_000 });
  expect((await kdc.ask('R', question)).message.equals(answer)).toBe(true);
  expect(count).toBe(2);
});

test('UDP first, then TCP if the answer is too big', async () => {
  const big = await started(kdcServer(() => answer));
  await started(udpServer(() => krbError(52), big.port));
  const kdc = client([big], { transport: 'udp' });
  expect((await kdc.ask('R', question)).message.equals(answer)).toBe(true);
});

test('no server listens on TCP or UDP', async () => {
  const asked = client([await nobody()], { timeoutMilliseconds: 60_000 }).ask('R', question);
  await expect(asked).rejects.toMatchObject({
    code: 'KDC_UNREACHABLE',
    message: expect.stringContaining('127.0.0.1: '),
  });
});

test('a signal also ends the wait for DNS', async () => {
  const kdc = new KdcClient({
    configuration: configurationFrom(''),
    resolveSrv: () => new Promise(() => {}),
  });
  const client = parsePrincipal('user@R');
  const asked = (signal: AbortSignal) => [
    kdc.ask('R', question, signal),
    probeKdc(kdc, client, signal),
    obtainInitialTicket(kdc, { client, password: 'p', signal }),
    changePassword(kdc, { client, password: 'p', newPassword: 'q', signal }),
  ];
  for (const under of asked(AbortSignal.timeout(20))) await expect(under).rejects.toThrow('timeout');
});

test('a signal ends the wait', async () => {
  const silent = await started(tcpServer(() => undefined));
  const abort = new AbortController();
  const asked = client([silent], { timeoutMilliseconds: 60_000 }).ask('R', question, abort.signal);
  abort.abort(new Error('enough'));
  await expect(asked).rejects.toThrow('enough');
  await expect(client([silent]).ask('R', question, abort.signal)).rejects.toThrow('enough');
});

const behindProxy = (...kdcs: string[]) => {
  const values = ['https://127.0.0.1/KdcProxy', ...kdcs].map((kdc) => `kdc = ${kdc}\n`).join('');
  return new KdcClient({ configuration: configurationFrom(`[realms]\nR = {\n${values}}\n`) });
};

test('by default each KDC has five seconds for its answer', () => {
  expect(new KdcClient({ configuration: configurationFrom('') }).timeoutMilliseconds).toBe(5000);
});

test.each([0, -1, Number.NaN])('%d milliseconds are not a valid limit', (timeoutMilliseconds) => {
  const options = { configuration: configurationFrom(''), timeoutMilliseconds };
  expect(() => new KdcClient(options)).toThrow(RangeError);
});

test('an HTTPS proxy is reported if there is no other server to ask', async () => {
  await expect(behindProxy().ask('R', question)).rejects.toMatchObject({
    code: 'KDC_UNREACHABLE',
    message: expect.stringContaining('127.0.0.1: this is a KDC proxy (https://)'),
    hint: expect.stringContaining('"kdc = host"'),
  });
  const good = await started(kdcServer(() => answer));
  const { message } = await behindProxy(`127.0.0.1:${good.port}`).ask('R', question);
  expect(message.equals(answer)).toBe(true);
});

const dns = (records: Awaited<ReturnType<ResolveSrv>>): ResolveSrv & { asked: string[] } => {
  const asked: string[] = [];
  return Object.assign(
    async (name: string) => {
      asked.push(name);
      return records;
    },
    { asked },
  );
};

test('DNS names the KDCs of a realm that the configuration does not: by priority', async () => {
  const good = await started(kdcServer(() => answer));
  const gone = await nobody();
  const resolveSrv = dns([
    { name: '127.0.0.1', port: good.port, priority: 20, weight: 100 },
    { name: '127.0.0.1', port: gone.port, priority: 10, weight: 0 },
  ]);
  const kdc = new KdcClient({ configuration: configurationFrom(''), timeoutMilliseconds: 1000, resolveSrv });
  expect((await kdc.ask('R.EXAMPLE.ORG', question)).message.equals(answer)).toBe(true);
  expect(resolveSrv.asked).toEqual(['_kerberos._tcp.R.EXAMPLE.ORG']);
  expect((await kdc.passwordServers('R.EXAMPLE.ORG')).map(({ port }) => port)).toEqual([
    gone.port,
    good.port,
  ]);
  expect(resolveSrv.asked[1]).toBe('_kpasswd._tcp.R.EXAMPLE.ORG');
});

test('a realm whose DNS has only UDP records, for KDCs and for password servers', async () => {
  const good = await started(kdcServer(() => answer));
  const resolveSrv = async (name: string) => {
    if (name.includes('._udp.')) return [{ name: good.host, port: good.port, priority: 0, weight: 0 }];
    throw Object.assign(new Error('no'), { code: 'ENOTFOUND' });
  };
  const kdc = new KdcClient({
    configuration: configurationFrom(''),
    timeoutMilliseconds: 60_000,
    resolveSrv,
  });
  expect((await kdc.ask('R', question)).message.equals(answer)).toBe(true);
  expect(await kdc.passwordServers('R')).toEqual([{ host: good.host, port: good.port }]);
});

test('within one priority, the order is random in proportion to the weights', async () => {
  const resolveSrv = dns([
    { name: 'light', port: 1, priority: 0, weight: 1 },
    { name: 'heavy', port: 2, priority: 0, weight: 9 },
  ]);
  const kdc = new KdcClient({ configuration: configurationFrom(''), resolveSrv });
  let heavy = 0;
  for (let count = 0; count < 1000; count += 1) {
    if ((await kdc.passwordServers('R'))[0]?.host === 'heavy') heavy += 1;
  }
  expect(heavy).toBeGreaterThan(820);
  expect(heavy).toBeLessThan(970);
});

test.each([
  [
    'has no record',
    Object.assign(new Error('no'), { code: 'ENOTFOUND' }),
    /has no record _kerberos\._tcp\.R or _kerberos\._udp\.R/,
  ],
  [
    'cannot be asked',
    Object.assign(new Error('timed out'), { code: 'ETIMEOUT' }),
    /cannot be asked .*timed out/,
  ],
])('a DNS that %s is told so', async (_, error, told) => {
  const kdc = new KdcClient({
    configuration: configurationFrom(''),
    resolveSrv: () => Promise.reject(error),
  });
  await expect(kdc.ask('R', question)).rejects.toMatchObject({
    code: 'REALM_UNKNOWN',
    message: expect.stringMatching(told),
  });
});

test('a realm without KDCs, in DNS and in the configuration', async () => {
  const none = new KdcClient({
    configuration: configurationFrom(''),
    resolveSrv: dns([{ name: '', port: 0, priority: 0, weight: 0 }]),
  });
  await expect(none.ask('R', question)).rejects.toMatchObject({ code: 'REALM_UNKNOWN' });
  await expect(client([]).ask('R', question)).rejects.toMatchObject({
    code: 'REALM_UNKNOWN',
    message: expect.stringContaining('disables the lookup in DNS'),
  });
});
