import { createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { accept, scriptedAuthenticator } from '../../../local/testing/scripted-authenticator.ts';
import { type IssuedCertificate, issueCertificate } from '../../../local/testing/tds-server/certificate.ts';
import { startScriptedServer } from '../../../local/testing/tds-server/scripted-server.ts';
import { connect, createPool } from '../src/index.ts';

let certificate: IssuedCertificate;
beforeAll(async () => {
  certificate = await issueCertificate('localhost');
});
afterEach(() => vi.restoreAllMocks());

async function listening(server: ReturnType<typeof createServer>) {
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  return (server.address() as { port: number }).port;
}

describe('a fault of the program is told as that', () => {
  test.each([
    ['while the token is waited for', 'withResolvers'],
    ['while the signals are joined', 'any'],
  ])('%s', async (_, missing) => {
    const server = await startScriptedServer({ login: accept });
    // As on a version of Node.js that does not have it yet.
    const lacking = () => {
      throw new TypeError(`${missing} is not a function`);
    };
    if (missing === 'any') vi.spyOn(AbortSignal, 'any').mockImplementation(lacking);
    else vi.spyOn(Promise, 'withResolvers').mockImplementation(lacking);
    const options = { port: server.port, encrypt: false };
    const failure = connect({ server: 'localhost', authenticator: scriptedAuthenticator(), options });
    await expect(failure).rejects.toMatchObject({
      code: 'INTERNAL_ERROR',
      hint: expect.stringMatching(/not the server's.*/),
      cause: expect.any(TypeError),
    });
    vi.restoreAllMocks();
    await server.stop();
  });
});

describe('TLS', () => {
  test('a server that speaks none where it must come first', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const port = await listening(server);
    await expect(
      connect({
        server: 'localhost',
        authenticator: scriptedAuthenticator(),
        options: { port, encrypt: 'strict' },
      }),
    ).rejects.toMatchObject({
      code: 'PROTOCOL_ERROR',
      message: expect.stringContaining('does not speak TLS'),
    });
    server.close();
  });

  test('a server that wants another version of it', async () => {
    const server = createTlsServer({
      ...certificate,
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1',
      ciphers: 'ALL:@SECLEVEL=0',
    });
    server.on('tlsClientError', () => {});
    const port = await listening(server);
    await expect(
      connect({
        server: 'localhost',
        authenticator: scriptedAuthenticator(),
        tls: { ca: certificate.ca },
        options: { port, encrypt: 'strict' },
      }),
    ).rejects.toMatchObject({ code: 'ENCRYPTION_REFUSED' });
    server.close();
  });
});

describe('the server is a host, and nothing else', () => {
  test.each([
    'db\\MUSIC',
    'db,1433',
    'tcp:db',
    'TCP:db.corp.example.com',
    'sqlserver://db',
    'np:\\\\db\\pipe',
    'user@db',
    'db music',
    'db;1433',
    'db#1',
    'db?encrypt=false',
    'db%2ecorp',
    'db|x',
    'db\u0000',
    'db\u00ad',
    '*',
    '127.1',
    '2130706433',
    '0x7f000001',
    '１２７.0.0.1',
  ])('%s is refused when the connection or the pool is made', async (server) => {
    await expect(connect({ server })).rejects.toThrow(/"server" must be a host name or an address/);
    expect(() => createPool({ connection: { server } })).toThrow(TypeError);
  });

  test.each([
    'db',
    'DB.corp.example.com.',
    '10.0.0.7',
    '::1',
    'fe80::1',
    'abcd::',
    'db_1',
    'bücher.example',
    'db-1',
    '1db',
    'fe80::1%eth0',
  ])('%s is one', (server) => {
    expect(() => createPool({ connection: { server } })).not.toThrow();
  });
});
