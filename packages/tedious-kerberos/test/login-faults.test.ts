import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { proof, scriptedAuthenticator } from '../../../local/testing/scripted-authenticator.ts';
import { packet } from '../../../local/testing/tds-server/conversation.ts';
import type { LoginScript } from '../../../local/testing/tds-server/scripted-server.ts';
import { done, error, intColumns, intRow, loginAck, sspi } from '../../../local/testing/tds-server/tokens.ts';
import { kerberos } from '../src/index.ts';
import { type ScriptedLogin, scriptedLogin } from './scripted-login.ts';

let login: ScriptedLogin;
afterEach(async () => {
  expect(login.authenticator.disposed, 'every session is disposed of').toBe(login.authenticator.begun);
  await login.server.stop();
});

async function failureOf(script: LoginScript, authenticator = scriptedAuthenticator()) {
  login = await scriptedLogin({ login: script, authenticator });
  return login.failure();
}

describe('a server that does not prove its identity', () => {
  test.each<[string, LoginScript]>([
    ['sends no token', (client) => client.send([loginAck(), done()])],
    ['sends a wrong token', (client) => client.send([sspi(Buffer.from('wrong')), loginAck(), done()])],
    ['sends an empty token', (client) => client.send([sspi(Buffer.alloc(0)), loginAck(), done()])],
  ])('is refused when it %s', async (_, script) => {
    const closed = Promise.withResolvers<void>();
    const failure = await failureOf(async (client, data) => {
      once(client.socket, 'close').then(() => closed.resolve());
      await script(client, data);
    });
    expect(failure).toMatchObject({ code: 'SERVER_NOT_AUTHENTIC', step: 'login', host: '127.0.0.1' });
    await closed.promise;
  });
});

describe('a refused login', () => {
  test.each([
    [18456, 'LOGIN_REFUSED'],
    [18452, 'UNTRUSTED_DOMAIN'],
    [4060, 'DATABASE_UNAVAILABLE'],
    [921, 'DATABASE_UNAVAILABLE'],
    [942, 'DATABASE_UNAVAILABLE'],
    [976, 'DATABASE_UNAVAILABLE'],
    [983, 'DATABASE_UNAVAILABLE'],
    [988, 'DATABASE_UNAVAILABLE'],
    [40613, 'DATABASE_UNAVAILABLE'],
    [4221, 'DATABASE_UNAVAILABLE'],
    [17809, 'SERVER_ERROR'],
    [17187, 'SERVER_ERROR'],
    [18401, 'SERVER_ERROR'],
    [10929, 'SERVER_ERROR'],
  ])('error %i has the code %s, with the number and state', async (number, code) => {
    const failure = await failureOf((client) => client.send([error(number, 11, 'Because.'), done(2)]));
    expect(failure.code).toBe(code);
    expect(failure.server).toEqual({
      number,
      state: 11,
      class: 14,
      message: 'Because.',
      serverName: 'scripted',
    });
    expect(failure.message).toContain(`error ${number}, state 11`);
    expect(failure.hint.length).toBeGreaterThan(20);
  });

  test.each([
    [4060, 18456],
    [18456, 4060],
  ])('of the errors %i and %i the code is that of the reason', async (first, second) => {
    const failure = await failureOf((client) =>
      client.send([error(first, 1, 'One.'), error(second, 1, 'Other.'), done(2)]),
    );
    expect(failure).toMatchObject({ code: 'DATABASE_UNAVAILABLE', server: { number: 4060 } });
  });

  test('with a transient error is retried, with a new session', async () => {
    let attempts = 0;
    login = await scriptedLogin({
      login: (client) => {
        attempts += 1;
        if (attempts === 1) client.send([error(40613, 1, 'Not available now.'), done(2)]);
        else client.send([sspi(proof), loginAck(), done()]);
      },
    });
    const connection = await login.connect();
    expect(login.authenticator.begun).toBe(2);
    connection.close();
  });
});

describe('a socket that dies', () => {
  test.each<[string, Parameters<typeof scriptedLogin>[0], string]>([
    ['instead of PRELOGIN', { prelogin: (client) => void client.socket.destroy() }, 'prelogin'],
    ['after LOGIN7', { login: (client) => void client.socket.destroy() }, 'login'],
    ['with a reset after LOGIN7', { login: (client) => void client.socket.resetAndDestroy() }, 'login'],
    [
      'in the middle of a token',
      {
        login: (client) => {
          client.socket.write(packet(sspi(proof).subarray(0, 4), false));
          client.socket.end();
        },
      },
      'login',
    ],
    [
      'instead of the answer to the initial SQL',
      { request: (client) => void client.socket.destroy() },
      'session',
    ],
  ])('%s', async (_, options, step) => {
    login = await scriptedLogin(options);
    expect(await login.failure()).toMatchObject({ code: 'CONNECTION_LOST', step });
  });

  test('while the token is being obtained', async () => {
    const never = new Promise<Buffer>(() => {});
    login = await scriptedLogin({ authenticator: scriptedAuthenticator({ initialToken: () => never }) });
    const { connection, failure } = login.start();
    await expect.poll(() => connection.step).toBe('ticket');
    login.server.dropAll();
    expect(await failure).toMatchObject({ code: 'CONNECTION_LOST', step: 'ticket' });
  });
});

describe('an authenticator that fails', () => {
  test('at the first token: nothing is sent to the server', async () => {
    const cause = new Error('no token today');
    login = await scriptedLogin({
      authenticator: scriptedAuthenticator({ initialToken: () => Promise.reject(cause) }),
    });
    expect(await login.failure()).toMatchObject({ code: 'AUTHENTICATOR_FAILED', step: 'ticket', cause });
    expect(login.server.logins).toEqual([]);
  });

  test.each<[string, () => unknown]>([
    ['nothing', () => undefined],
    ['no name', () => 'sql01.corp.example.com'],
    ['a promise', async () => 'MSSQLSvc/sql01.corp.example.com:1433'],
    ['an error', () => (undefined as never as { port: number }).port],
  ])('by a function "spn" that gives %s', async (_, spn) => {
    const authenticator = { ...scriptedAuthenticator(), ...kerberos({ spn: spn as () => string }) };
    login = await scriptedLogin({ authenticator });
    expect(await login.failure()).toMatchObject({
      code: 'AUTHENTICATOR_FAILED',
      step: 'ticket',
      message: expect.stringContaining('The function "spn" returned no service principal name: '),
    });
  });

  test('because the file system cannot read the cache', async () => {
    const ccache = `/tmp/${'x'.repeat(300)}`;
    const authenticator = {
      ...scriptedAuthenticator(),
      ...kerberos({ spn: 'MSSQLSvc/sql01.corp.example.com:1433', ccache }),
    };
    login = await scriptedLogin({ authenticator });
    expect(await login.failure()).toMatchObject({
      code: 'CCACHE_UNREADABLE',
      step: 'ticket',
      message: expect.stringContaining('ENAMETOOLONG'),
    });
  });

  test('with an empty token', async () => {
    login = await scriptedLogin({
      authenticator: scriptedAuthenticator({ initialToken: () => Buffer.alloc(0) }),
    });
    expect(await login.failure()).toMatchObject({ code: 'AUTHENTICATOR_FAILED', step: 'ticket' });
  });
});

test.each<[string, LoginScript]>([
  ['says nothing of the login', (client) => client.send([done()])],
  ['is empty', (client) => client.send([])],
  ['has an unknown token', (client) => client.send([Buffer.from([0x42, 1, 2, 3])])],
  ['ends within a token', (client) => client.send([sspi(proof).subarray(0, 5)])],
  ['asks for a federated login', (client) => client.send([Buffer.from([0xee, 1, 0, 0, 0, 0])])],
  ['describes columns', (client) => client.send([intColumns('a'), done()])],
])('an answer that %s is a protocol error', async (_, script) => {
  expect(await failureOf(script)).toMatchObject({ code: 'PROTOCOL_ERROR', step: 'login' });
});

test.each<[string, readonly Buffer[]]>([
  ['has rows', [intColumns('a'), intRow(1), done()]],
  ['ends within a row', [intColumns('a'), intRow(1).subarray(0, 2)]],
  ['has an unknown token', [Buffer.from([0x42, 1, 2, 3])]],
  ['has columns without end', [Buffer.from([0x81, 0xff, 0xff, 1, 2, 3])]],
])('an answer to the first statement that %s is a protocol error', async (_, answer) => {
  login = await scriptedLogin({ request: (client) => client.send(answer) });
  expect(await login.failure()).toMatchObject({ code: 'PROTOCOL_ERROR', step: 'session' });
});

test.each([[[]], [[0]], [[0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 255]], [[1, 2, 3, 4, 5]], [Array(50).fill(7)]])(
  'a PRELOGIN of %j is a protocol error',
  async (bytes: readonly number[]) => {
    login = await scriptedLogin({ prelogin: (client) => client.send([Buffer.from(bytes)]) });
    expect(await login.failure()).toMatchObject({ code: 'PROTOCOL_ERROR', step: 'prelogin' });
  },
);
