import { connect as connectTcp, createServer as createTcpServer } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  type BindingServer,
  type BindingServerOptions,
  startBindingServer,
} from '../../../local/testing/binding-server.ts';
import { type IssuedCertificate, issueCertificate } from '../../../local/testing/tds-server/certificate.ts';
import { connect, type KerberosOptions, kerberos, type LoginError } from '../src/index.ts';
import { type KerberosSite, startKerberosSite } from './domain/kerberos-site.ts';

let site: KerberosSite;
let certificate: IssuedCertificate;
const running: { stop(): Promise<void> }[] = [];
beforeAll(async () => {
  site = await startKerberosSite();
  certificate = await issueCertificate(site.host);
  process.env.KRB5CCNAME = `FILE:${await site.kinit('service', { service: site.spn })}`;
  process.env.KRB5_CONFIG = site.domain.krb5Conf;
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
});
afterAll(() => site?.dispose());

async function started(options: BindingServerOptions): Promise<BindingServer> {
  const server = await startBindingServer(site, options);
  running.push(server);
  return server;
}

/** The server reports logins through a pipe, a little later. */
const seen = (server: BindingServer) => expect.poll(() => server.logins);

interface Login extends KerberosOptions {
  readonly encrypt?: boolean | 'strict';
  readonly maxVersion?: 'TLSv1.2';
  readonly ca?: string;
}

/** Logs in; returns undefined, or the error. */
async function login(
  port: number,
  { encrypt = true, maxVersion, ca, ...options }: Login = {},
): Promise<LoginError | undefined> {
  try {
    const connection = await connect({
      server: site.address,
      authenticator: kerberos({ spn: site.spn, ...options }),
      tls: { name: site.host, ca: ca ?? certificate.ca },
      options: { port, encrypt, ...(maxVersion ? { cryptoCredentialsDetails: { maxVersion } } : {}) },
    });
    connection.close();
    return undefined;
  } catch (error) {
    return error as LoginError;
  }
}

const refused = {
  code: 'UNTRUSTED_DOMAIN',
  server: { number: 18452 },
  hint: expect.stringContaining('Extended Protection'),
};

test('a server that requires it, with TLS inside TDS, accepts a bound login and refuses an unbound one', async () => {
  const server = await started({ certificate });
  expect(await login(server.port)).toBeUndefined();
  await seen(server).toEqual([
    { client: `${site.user.name}@${site.domain.realm}`, bound: true, error: null },
  ]);
  expect(await login(server.port, { channelBinding: false })).toMatchObject(refused);
  expect(await login(server.port, { native: true })).toMatchObject(refused);
});

test('a server that requires it, with TLS 1.2 around TDS, accepts a bound login and refuses an unbound one', async () => {
  const server = await started({ certificate, strict: true });
  expect(await login(server.port, { encrypt: 'strict' })).toBeUndefined();
  await seen(server).toMatchObject([{ bound: true }]);
  expect(await login(server.port, { encrypt: 'strict', channelBinding: false })).toMatchObject(refused);
});

test('with TLS 1.3 nothing is bound; if the server requires it, the client can be limited to TLS 1.2', async () => {
  const server = await started({ certificate, strict: true, tls13: true });
  expect(await login(server.port, { encrypt: 'strict' })).toMatchObject(refused);
  await seen(server).toMatchObject([{ bound: false, error: null }]);
  expect(await login(server.port, { encrypt: 'strict', maxVersion: 'TLSv1.2' })).toBeUndefined();
});

test('a server that does not require it accepts both', async () => {
  const server = await started({ certificate, demand: false });
  expect(await login(server.port)).toBeUndefined();
  expect(await login(server.port, { channelBinding: false })).toBeUndefined();
  await seen(server).toMatchObject([{ bound: true }, { bound: false }]);
});

test('without TLS there is nothing to bind to', async () => {
  const demanding = await started({});
  expect(await login(demanding.port, { encrypt: false })).toMatchObject(refused);
  const other = await started({ demand: false });
  expect(await login(other.port, { encrypt: false })).toBeUndefined();
  await seen(other).toMatchObject([{ bound: false }]);
});

/** Terminates the client's TLS with a certificate that the client trusts, and opens another TLS connection to the server. */
async function manInTheMiddle(serverPort: number): Promise<{ port: number; stop(): Promise<void> }> {
  const proxy = createTlsServer(
    { ...certificate, maxVersion: 'TLSv1.2', ALPNProtocols: ['tds/8.0'] },
    (client) => {
      const tls = { ca: certificate.ca, servername: site.host, ALPNProtocols: ['tds/8.0'] };
      const server = connectTls({ host: site.address, port: serverPort, ...tls });
      client.pipe(server).pipe(client);
      for (const socket of [client, server]) socket.on('error', () => {});
      client.on('close', () => server.destroy());
    },
  );
  await new Promise<void>((resolve) => proxy.listen(0, site.address, resolve));
  return {
    port: (proxy.address() as { port: number }).port,
    stop: () => new Promise((resolve) => proxy.close(() => resolve())),
  };
}

test('a man in the middle whose certificate we trust cannot relay a bound login', async () => {
  const server = await started({ certificate, strict: true });
  const middle = await manInTheMiddle(server.port);
  running.push(middle);
  expect(await login(middle.port, { encrypt: 'strict' })).toMatchObject(refused);
  await seen(server).toMatchObject([
    { client: null, error: expect.stringContaining('Incorrect channel bindings') },
  ]);
  // A relay that merely passes the bytes on does no harm.
  const relay = createTcpServer((client) => {
    const onward = connectTcp({ host: site.address, port: server.port });
    client.pipe(onward).pipe(client);
    for (const socket of [client, onward]) socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => relay.listen(0, site.address, resolve));
  running.push({ stop: () => new Promise((resolve) => relay.close(() => resolve())) });
  expect(await login((relay.address() as { port: number }).port, { encrypt: 'strict' })).toBeUndefined();
});

test('each of 20 simultaneous logins is bound to its own channel', async () => {
  const server = await started({ certificate });
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => login(server.port)));
  expect(outcomes.filter(Boolean)).toEqual([]);
  await seen(server).toHaveLength(20);
  expect(server.logins.every(({ bound }) => bound)).toBe(true);
});
