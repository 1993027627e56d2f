import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { accept, proof, scriptedAuthenticator } from '../../../local/testing/scripted-authenticator.ts';
import { type IssuedCertificate, issueCertificate } from '../../../local/testing/tds-server/certificate.ts';
import { messageType, packet } from '../../../local/testing/tds-server/conversation.ts';
import { krbErrorToken } from '../../../local/testing/tds-server/krb-error.ts';
import {
  answerRequest,
  type ScriptedServer,
  startScriptedServer,
} from '../../../local/testing/tds-server/scripted-server.ts';
import {
  done,
  doneProc,
  error,
  intColumns,
  intRow,
  loginAck,
  sspi,
} from '../../../local/testing/tds-server/tokens.ts';
import { type Connection, connect, LoginError, query } from '../src/index.ts';

let certificate: IssuedCertificate;
beforeAll(async () => {
  certificate = await issueCertificate('localhost');
});
let server: ScriptedServer;
afterEach(() => server.stop());

type Ending = (socket: Socket, bytes: Buffer) => void;
const inOneGo: Ending = (socket, bytes) => void socket.end(bytes);
const thenReset: Ending = (socket, bytes) => void socket.write(bytes, () => socket.resetAndDestroy());

/** An authenticator that processes a token asynchronously, as the native module does in another thread. */
function slowAuthenticator() {
  const authenticator = scriptedAuthenticator();
  return {
    ...authenticator,
    begin(target: Parameters<typeof authenticator.begin>[0]) {
      const session = authenticator.begin(target);
      return {
        ...session,
        get complete() {
          return session.complete;
        },
        nextToken: async (token: Buffer, signal: AbortSignal) => {
          await delay(5);
          return session.nextToken(token, signal);
        },
      };
    },
  };
}

/** Starts a server that answers LOGIN7 with these bytes and ends the connection; returns a function that logs in to it. */
async function refusing(bytes: Buffer, ending = inOneGo, tls = false): Promise<() => Promise<LoginError>> {
  server = await startScriptedServer({
    login: ({ socket }) => ending(socket, bytes),
    ...(tls ? { tls: certificate } : {}),
  });
  return async () => {
    const outcome = await connect({
      server: 'localhost',
      authenticator: slowAuthenticator(),
      tls: { ca: certificate.ca },
      options: { port: server.port, encrypt: tls ? 'strict' : false },
    }).catch((thrown: unknown) => thrown);
    if (outcome instanceof LoginError) return outcome;
    throw new Error('The login was expected to fail.');
  };
}

const refusal = Buffer.concat([error(18456, 11, 'Login failed.'), done(2)]);
const tokenThenRefusal = Buffer.concat([packet(sspi(proof), true), packet(refusal, true)]);

describe('what a server sends before it hangs up is reported', () => {
  test.each([
    ['plain', false],
    ['TLS', true],
  ])('a token, the refusal and the end in one go: 1000 of 1000 (%s)', async (_, tls) => {
    const login = await refusing(tokenThenRefusal, inOneGo, tls);
    const codes = new Map<string, number>();
    for (let round = 0; round < 50; round += 1) {
      for (const { code } of await Promise.all(Array.from({ length: 20 }, login))) {
        codes.set(code, (codes.get(code) ?? 0) + 1);
      }
    }
    expect(codes).toEqual(new Map([['LOGIN_REFUSED', 1000]]));
  });

  test.each<[string, Buffer, Ending]>([
    ['followed by a reset', tokenThenRefusal, thenReset],
    ['in one message with the token', packet(Buffer.concat([sspi(proof), refusal]), true), inOneGo],
    ['without a token', packet(refusal, true), inOneGo],
    ['in a message that never ends', packet(refusal, false), inOneGo],
    [
      'in a message that never ends, after a token',
      Buffer.concat([packet(sspi(proof), true), packet(refusal, false)]),
      inOneGo,
    ],
    [
      'in packets of one byte',
      Buffer.concat([...refusal].map((byte, at) => packet(Buffer.from([byte]), at === refusal.length - 1))),
      inOneGo,
    ],
  ])('the refusal %s', async (_, bytes, ending) => {
    const login = await refusing(bytes, ending);
    expect(await login()).toMatchObject({ code: 'LOGIN_REFUSED', server: { number: 18456, state: 11 } });
  });

  test('an end without an answer is a lost connection', async () => {
    const login = await refusing(packet(sspi(proof), true));
    expect(await login()).toMatchObject({ code: 'CONNECTION_LOST', step: 'login' });
  });

  test('an error instead of the answer to the first statement, after the login was accepted', async () => {
    server = await startScriptedServer({
      login: accept,
      request: ({ socket }) =>
        inOneGo(socket, packet(Buffer.concat([error(18461, 1, 'Single user.'), done(2)]), true)),
    });
    const options = { port: server.port, encrypt: false };
    await expect(
      connect({ server: 'localhost', authenticator: scriptedAuthenticator(), options }),
    ).rejects.toMatchObject({ code: 'SERVER_ERROR', step: 'session', server: { number: 18461 } });
  });
});

test.each([inOneGo, thenReset])(
  'an error along with the acceptance of the login, after which the server ends the connection',
  async (ending) => {
    const bytes = Buffer.concat([sspi(proof), loginAck(), error(4060, 1, 'No such database.'), done(2)]);
    const login = await refusing(packet(bytes, true), ending);
    expect(await login()).toMatchObject({ code: 'DATABASE_UNAVAILABLE', server: { number: 4060 } });
  },
);

describe('a KRB-ERROR token is a refusal', () => {
  const words = packet(Buffer.concat([error(18452, 1, 'Untrusted domain.'), done(2)]), true);
  const token = (code: number) => packet(sspi(krbErrorToken(code)), true);

  test.each([
    [31, 'TICKET_REFUSED'],
    [35, 'TICKET_REFUSED'],
    [41, 'TICKET_REFUSED'],
    [44, 'TICKET_REFUSED'],
    [37, 'CLOCK_SKEW'],
    [32, 'TICKET_EXPIRED'],
  ])('%i is %s, with what the server says of it', async (number, code) => {
    const login = await refusing(Buffer.concat([token(number), words]));
    expect(await login()).toMatchObject({
      code,
      step: 'login',
      server: { number: 18452 },
      message: expect.stringMatching(/KRB_AP_ERR_.*SQL Server says: Untrusted domain\./),
    });
  });

  const inOne = (code: number, last: boolean) =>
    packet(Buffer.concat([sspi(krbErrorToken(code)), error(18452, 1, 'Untrusted domain.'), done(2)]), last);

  test.each([
    [37, 'CLOCK_SKEW', 'in one message with its words', inOne(37, true)],
    [32, 'TICKET_EXPIRED', 'in one message with its words', inOne(32, true)],
    [41, 'TICKET_REFUSED', 'in one message with its words that never ends', inOne(41, false)],
  ])('%i is %s %s', async (_, code, __, bytes) => {
    for (const ending of [inOneGo, thenReset]) {
      const login = await refusing(bytes, ending);
      expect(await login()).toMatchObject({
        code,
        server: { number: 18452 },
        message: expect.stringMatching(/KRB_AP_ERR_.*SQL Server says: Untrusted domain\./),
      });
      await server.stop();
    }
  });

  test('also in a message that does not end', async () => {
    const login = await refusing(packet(sspi(krbErrorToken(37)), false));
    expect(await login()).toMatchObject({ code: 'CLOCK_SKEW', step: 'login' });
  });

  test('also if the server sends nothing else', async () => {
    const login = await refusing(token(41));
    expect(await login()).toMatchObject({ code: 'TICKET_REFUSED', server: undefined });
  });

  test('but proves nothing if the server accepts the login', async () => {
    const login = await refusing(packet(Buffer.concat([sspi(krbErrorToken(41)), loginAck(), done()]), true));
    expect(await login()).toMatchObject({ code: 'SERVER_NOT_AUTHENTIC' });
  });
});

describe('an answer that ends with the connection counts', () => {
  const rows = Buffer.concat([
    intColumns('a'),
    ...Array.from({ length: 3000 }, (_, index) => intRow(index)),
    doneProc(),
  ]);
  const packets = Buffer.concat(
    Array.from({ length: Math.ceil(rows.length / 4000) }, (_, index) =>
      packet(rows.subarray(index * 4000, index * 4000 + 4000), (index + 1) * 4000 >= rows.length),
    ),
  );

  async function connected(bytes: Buffer, ending: Ending, tls = false): Promise<Connection> {
    server = await startScriptedServer({
      login: accept,
      request: (client, message) =>
        message.type === messageType.rpc ? ending(client.socket, bytes) : answerRequest(client, message),
      ...(tls ? { tls: certificate } : {}),
    });
    const connection = await connect({
      server: 'localhost',
      authenticator: scriptedAuthenticator(),
      tls: { ca: certificate.ca },
      options: { port: server.port, encrypt: tls ? 'strict' : false },
    });
    connection.on('error', () => {});
    return connection;
  }

  test.each<[string, Ending, boolean]>([
    ['and the end, plain', inOneGo, false],
    ['and the end, TLS', inOneGo, true],
    ['and a reset', thenReset, false],
  ])('rows %s', async (_, ending, tls) => {
    for (let round = 0; round < 20; round += 1) {
      const connection = await connected(packets, ending, tls);
      expect((await query(connection, 'SELECT')).rows).toHaveLength(3000);
      await expect(query(connection, 'SELECT')).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
      connection.close();
      await server.stop();
    }
  });

  test('an error and the end', async () => {
    const connection = await connected(
      packet(Buffer.concat([error(596, 1, 'Killed.'), done(2)]), true),
      inOneGo,
    );
    await expect(query(connection, 'SELECT')).rejects.toMatchObject({ code: 'EREQUEST', number: 596 });
    await expect.poll(() => connection.ended).toBe(true);
  });
});
