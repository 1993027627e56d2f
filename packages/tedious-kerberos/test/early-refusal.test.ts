import type { Socket } from 'node:net';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { accept, scriptedAuthenticator } from '../../../local/testing/scripted-authenticator.ts';
import { type IssuedCertificate, issueCertificate } from '../../../local/testing/tds-server/certificate.ts';
import { packet } from '../../../local/testing/tds-server/conversation.ts';
import {
  type ScriptedServer,
  type ScriptedServerOptions,
  startScriptedServer,
} from '../../../local/testing/tds-server/scripted-server.ts';
import { done, error } from '../../../local/testing/tds-server/tokens.ts';
import { connect, LoginError } from '../src/index.ts';

let certificate: IssuedCertificate;
beforeAll(async () => {
  certificate = await issueCertificate('localhost');
});
let server: ScriptedServer;
afterEach(() => server.stop());

const text = 'Could not connect because the maximum number of user connections has been reached.';
const refusal = Buffer.concat([error(17809, 1, text, 20), done(2)]);
/** PRELOGIN's answer: with ENCRYPTION "on", or "not supported". */
const options = (encryption: number) =>
  packet(Buffer.from([0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff, 16, 0, 0, 0, 0, 0, encryption]), true);

const endings: Readonly<Record<string, (socket: Socket, bytes: Buffer) => void>> = {
  'ends in one go': (socket, bytes) => void socket.end(bytes),
  'resets it after': (socket, bytes) => void socket.write(bytes, () => socket.destroySoon()),
  stays: (socket, bytes) => void socket.write(bytes),
  'says it byte by byte': (socket, bytes) => {
    for (const byte of bytes) socket.write(Buffer.of(byte));
    socket.end();
  },
  'does not say that this was all': (socket, bytes) => {
    const unfinished = Buffer.from(bytes);
    unfinished[1] = 0; // not the last packet
    socket.end(unfinished);
  },
};

async function outcome(
  answer: ScriptedServerOptions,
  encrypt: boolean | 'strict',
  authenticator = scriptedAuthenticator(),
  connectTimeout = 60_000,
) {
  server = await startScriptedServer({ login: accept, ...answer });
  const failed = await connect({
    server: 'localhost',
    authenticator,
    tls: { ca: certificate.ca },
    options: { port: server.port, encrypt, connectTimeout },
  }).catch((thrown: unknown) => thrown);
  if (failed instanceof LoginError) return failed;
  throw new Error('The login was expected to fail.', { cause: failed });
}

const told = { code: 'SERVER_ERROR', server: { number: 17809, message: text } };

describe.each(Object.entries(endings))('a server that refuses before a login, and %s, is heard', (_, end) => {
  test.each([false, true, 'strict'] as const)('in answer to PRELOGIN (encrypt: %s)', async (encrypt) => {
    const tls = encrypt === 'strict' ? { tls: certificate } : {};
    const failed = await outcome(
      { ...tls, prelogin: ({ socket }) => end(socket, packet(refusal, true)) },
      encrypt,
    );
    expect(failed).toMatchObject({ ...told, step: 'prelogin' });
  });

  test('in place of the handshake of TLS', async () => {
    let asked = 0;
    const prelogin: ScriptedServerOptions['prelogin'] = ({ socket }) => {
      asked += 1;
      if (asked === 1) socket.write(options(1));
      else end(socket, packet(refusal, true));
    };
    expect(await outcome({ prelogin }, true)).toMatchObject({ ...told, step: 'tls' });
  });

  test('while we wait for the ticket', async () => {
    const ended = Promise.withResolvers<void>();
    const authenticator = scriptedAuthenticator({
      initialToken: async () => {
        await ended.promise;
        return Buffer.from('initial');
      },
    });
    const prelogin: ScriptedServerOptions['prelogin'] = ({ socket }) => {
      socket.write(options(2));
      end(socket, packet(refusal, true));
      // The one that stays is heard in answer to the login.
      if (end === endings.stays) ended.resolve();
    };
    const failed = await outcome({ prelogin, login: () => {} }, false, authenticator);
    ended.resolve();
    expect(failed).toMatchObject(told);
  });
});

test('a database that is away says so, with its code', async () => {
  const away = Buffer.concat([error(40_613, 1, 'Database is not currently available.', 17), done(2)]);
  const failed = await outcome({ prelogin: (client) => client.send([away]) }, false);
  expect(failed).toMatchObject({ code: 'DATABASE_UNAVAILABLE', server: { number: 40_613 } });
});

test.each([
  ['half an error', error(17809, 1, text).subarray(0, 9)],
  ['an error whose length is a lie', Buffer.from([0xaa, 0xff, 0xff, 1, 2, 3])],
  ['no error, but its end', Buffer.from([0xab, 0, 0])],
  ['nothing but a kind', Buffer.from([0xe3])],
])('%s is an answer that nobody understands, and is over at once', async (_, bytes) => {
  const failed = await outcome({ prelogin: (client) => client.send([bytes]) }, false);
  expect(failed.code).toMatch(/^(PROTOCOL_ERROR|CONNECTION_LOST)$/);
});

test.each([
  ['half of the options of PRELOGIN', options(2).subarray(8, 19), { code: 'TIMEOUT', step: 'prelogin' }],
  ['half an error', refusal.subarray(0, 9), { code: 'TIMEOUT', step: 'prelogin' }],
  ['an error', refusal, told],
])(
  'a server that says %s and is silent then is waited for no longer than the limit',
  async (_, bytes, end) => {
    const prelogin: ScriptedServerOptions['prelogin'] = ({ socket }) =>
      void socket.write(packet(bytes, false));
    expect(await outcome({ prelogin }, false, scriptedAuthenticator(), 1000)).toMatchObject(end);
  },
);
