import { AssertionError } from 'node:assert';
import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  accept,
  type ScriptedAuthenticator,
  scriptedAuthenticator,
} from '../../../local/testing/scripted-authenticator.ts';
import { type IssuedCertificate, issueCertificate } from '../../../local/testing/tds-server/certificate.ts';
import { startScriptedServer } from '../../../local/testing/tds-server/scripted-server.ts';
import { type ConnectionConfig, connect, createPool, kerberos } from '../src/index.ts';
import { KerberosSession } from '../src/kerberos/kerberos-session.ts';
import { SeamedConnection } from '../src/tedious-seams.ts';
import { type ScriptedLogin, scriptedLogin } from './scripted-login.ts';

let certificate: IssuedCertificate;
beforeAll(async () => {
  certificate = await issueCertificate('localhost');
});
afterEach(() => vi.restoreAllMocks());

async function listening(server: ReturnType<typeof createServer>) {
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  return (server.address() as { port: number }).port;
}

describe('a programming error is reported as such', () => {
  test.each([
    ['while waiting for the token', 'withResolvers'],
    ['while combining signals', 'any'],
  ])('%s', async (_, missing) => {
    const server = await startScriptedServer({ login: accept });
    // As in a version of Node.js that does not have this function yet.
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

/** The classes of programming errors. */
const programFaults: readonly (readonly [string, () => Error])[] = [
  ['TypeError', () => new TypeError('x is not a function')],
  ['RangeError', () => new RangeError('out of range')],
  ['ReferenceError', () => new ReferenceError('x is not defined')],
  ['SyntaxError', () => new SyntaxError('unexpected token')],
  ['URIError', () => new URIError('malformed')],
  ['AssertionError', () => new AssertionError({ message: 'not so' })],
];

describe.each(programFaults)('a %s', (_, make) => {
  const failing = () => {
    throw make();
  };
  let login: ScriptedLogin | undefined;
  afterEach(() => login?.server.stop());

  test('in the code that sends the login is a bug of this package', async () => {
    vi.spyOn(SeamedConnection.prototype, 'sendLogin7Packet').mockImplementation(failing);
    login = await scriptedLogin({});
    expect(await login.failure()).toMatchObject({ code: 'INTERNAL_ERROR', step: 'prelogin' });
  });

  test("in the package's own Kerberos is a bug of this package", async () => {
    const spn = 'MSSQLSvc/sql01.corp.example.com:1433';
    vi.spyOn(KerberosSession.prototype, 'initialToken').mockImplementation(failing);
    login = await scriptedLogin({ authenticator: kerberos({ spn }) as ScriptedAuthenticator });
    expect(await login.failure()).toMatchObject({ code: 'INTERNAL_ERROR', step: 'ticket' });
  });

  test("in the caller's own authenticator is reported as that authenticator's fault", async () => {
    login = await scriptedLogin({ authenticator: { ...scriptedAuthenticator(), begin: failing } });
    expect(await login.failure()).toMatchObject({ code: 'AUTHENTICATOR_FAILED', step: 'ticket' });
    await login.server.stop();
    const good = scriptedAuthenticator();
    const nextToken = failing;
    login = await scriptedLogin({
      authenticator: {
        ...good,
        begin: (target) => ({ ...good.begin(target), complete: false, nextToken }),
      },
    });
    expect(await login.failure()).toMatchObject({ code: 'AUTHENTICATOR_FAILED', step: 'login' });
  });

  test('in a "connector" is reported as an invalid option', async () => {
    login = await scriptedLogin({});
    await expect(
      connect({
        server: 'localhost',
        authenticator: scriptedAuthenticator(),
        options: { connector: async () => failing(), encrypt: false },
      }),
    ).rejects.toMatchObject({ code: 'OPTION_INVALID', step: 'connect' });
  });
});

describe('an unusable option is reported as such, not as an unreachable server', () => {
  test.each<[string, NonNullable<ConnectionConfig['options']>]>([
    ['an invalid address', { localAddress: 'music' }],
    ["another machine's address", { localAddress: '192.0.2.1' }],
    [
      'a version of TLS that there is not',
      { cryptoCredentialsDetails: { minVersion: 'TLSv9' as 'TLSv1.2' } },
    ],
    ['ciphers that there are not', { cryptoCredentialsDetails: { ciphers: 'NONE-SUCH' } }],
    [
      'versions of TLS of which none is left',
      { cryptoCredentialsDetails: { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.2' } },
    ],
    ['an invalid key', { cryptoCredentialsDetails: { key: 'key' } }],
    ['no socket', { connector: async () => undefined as unknown as Socket }],
  ])('%s', async (_, options) => {
    const server = createServer().unref();
    const port = options?.connector ? {} : { port: await listening(server) };
    await expect(
      connect({
        server: '127.0.0.1',
        authenticator: scriptedAuthenticator(),
        options: { ...port, encrypt: 'strict', ...options },
      }),
    ).rejects.toMatchObject({ code: 'OPTION_INVALID', hint: expect.stringContaining('nothing was sent') });
    server.close();
  });

  test.each<[string, NonNullable<ConnectionConfig['options']>]>([
    ['port', { port: 80.5 }],
    ['datefirst', { datefirst: Number.NaN }],
    ['datefirst', { datefirst: 1.5 }],
    ['textsize', { textsize: Number.NaN }],
    ['textsize', { textsize: 0.5 }],
    ['appName', { appName: 'x'.repeat(129) }],
    ['workstationId', { workstationId: 'x'.repeat(70_000) }],
    ['language', { language: 'x'.repeat(40_000) }],
    ['database', { database: 'x'.repeat(129) }],
  ])('%s is refused before anything is connected', async (name, options) => {
    await expect(connect({ server: 'db', options })).rejects.toThrow(
      new RegExp(`^The option "${name}" (must|has)`),
    );
    expect(() => createPool({ connection: { server: 'db', options } })).toThrow(RangeError);
  });

  test.each(['', ' '])('an instance named "%s" is refused before anything is connected', (instanceName) => {
    const connection = { server: 'db', options: { instanceName } };
    expect(() => createPool({ connection })).toThrow(/^The option "instanceName" is empty: leave it out/);
  });

  test('names of 128 characters are accepted', () => {
    const name = 'x'.repeat(128);
    const options = { appName: name, workstationId: name, language: name, database: name };
    expect(() => createPool({ connection: { server: 'db', options } })).not.toThrow();
  });
});

test('a name that is too long for the resolver does not resolve', async () => {
  await expect(
    connect({ server: 'x'.repeat(300), authenticator: scriptedAuthenticator() }),
  ).rejects.toMatchObject({ code: 'HOST_NOT_FOUND' });
});

describe('TLS', () => {
  test('the server does not speak it, although it must come first', async () => {
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

  test.each<[string, (socket: Socket) => void]>([
    ['ends', (socket) => socket.end()],
    ['is reset', (socket) => socket.resetAndDestroy()],
  ])('a connection that %s where it must come first was there, and is lost', async (_, cut) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => cut(socket));
    });
    const port = await listening(server);
    const options = { port, encrypt: 'strict' };
    await expect(
      connect({ server: 'localhost', authenticator: scriptedAuthenticator(), options }),
    ).rejects.toMatchObject({ code: 'CONNECTION_LOST', step: 'tls' });
    server.close();
  });

  test('the server requires another version', async () => {
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

describe('the server must be a host, and nothing else', () => {
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

describe('the answer is not TDS', () => {
  /** What each protocol answers to the first message, or sends before it. None of them hangs up. */
  test.each<[string, Buffer, RegExp]>([
    ['HTTP', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), /begins with "HTTP\/1\.1 400 Bad Request"/],
    ['SSH', Buffer.from('SSH-2.0-OpenSSH_9.2\r\n'), /begins with "SSH-2\.0-OpenSSH_9\.2\.\."/],
    ['SMTP', Buffer.from('220 mail.example.com ESMTP\r\n'), /begins with "220 mail/],
    ['Redis', Buffer.from('-ERR unknown command\r\n'), /begins with "-ERR/],
    ['MySQL', Buffer.from('4a0000000a382e302e33360000', 'hex'), /begins with "J\.\.\.\.8\.0\.36/],
    ['PostgreSQL', Buffer.from('450000001a53464154414c00', 'hex'), /begins with "E\.\.\.\.SFATAL/],
    ['an alert of TLS', Buffer.from('15030100020246', 'hex'), /with TLS, as it would with encrypt: 'strict'/],
    ['a single byte', Buffer.from([0x9b]), /begins with "\."/],
    ['a packet of no length', Buffer.from('0401000000000100', 'hex'), /does not speak TDS/],
  ])('%s', async (_, words, message) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.write(words));
    });
    const port = await listening(server);
    for (const encrypt of [false, true]) {
      await expect(
        connect({
          server: 'localhost',
          authenticator: scriptedAuthenticator(),
          options: { port, encrypt, connectTimeout: 60_000 },
        }),
      ).rejects.toMatchObject({
        code: 'PROTOCOL_ERROR',
        step: 'prelogin',
        message: expect.stringMatching(message),
      });
    }
    server.close();
  });
});
