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
/** A PRELOGIN response with this value of ENCRYPTION. */
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
  'does not mark the end of its answer': (socket, bytes) => {
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

describe.each(Object.entries(endings))(
  'the error of a server that refuses before a login and %s is reported',
  (_, end) => {
    test.each([false, true, 'strict'] as const)('in answer to PRELOGIN (encrypt: %s)', async (encrypt) => {
      const tls = encrypt === 'strict' ? { tls: certificate } : {};
      const failed = await outcome(
        { ...tls, prelogin: ({ socket }) => end(socket, packet(refusal, true)) },
        encrypt,
      );
      expect(failed).toMatchObject({ ...told, step: 'prelogin' });
    });

    test('in place of the TLS handshake', async () => {
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
        // If the connection stays open, the error is read as the answer to the login.
        if (end === endings.stays) ended.resolve();
      };
      const failed = await outcome({ prelogin, login: () => {} }, false, authenticator);
      ended.resolve();
      expect(failed).toMatchObject(told);
    });
  },
);

test('an unavailable database is reported with its code', async () => {
  const away = Buffer.concat([error(40_613, 1, 'Database is not currently available.', 17), done(2)]);
  const failed = await outcome({ prelogin: (client) => client.send([away]) }, false);
  expect(failed).toMatchObject({ code: 'DATABASE_UNAVAILABLE', server: { number: 40_613 } });
});

test.each([
  ['half an error', error(17809, 1, text).subarray(0, 9)],
  ['an error with a wrong length', Buffer.from([0xaa, 0xff, 0xff, 1, 2, 3])],
  ['no error, but its end', Buffer.from([0xab, 0, 0])],
  ['nothing but a kind', Buffer.from([0xe3])],
])('%s is an unreadable answer, and ends the login immediately', async (_, bytes) => {
  const failed = await outcome({ prelogin: (client) => client.send([bytes]) }, false);
  expect(failed.code).toMatch(/^(PROTOCOL_ERROR|CONNECTION_LOST)$/);
});

test.each([
  ['half of the options of PRELOGIN', options(2).subarray(8, 19), { code: 'TIMEOUT', step: 'prelogin' }],
  ['half an error', refusal.subarray(0, 9), { code: 'TIMEOUT', step: 'prelogin' }],
  ['an error', refusal, told],
])(
  'a server that sends %s and then falls silent is waited for until the time limit only',
  async (_, bytes, end) => {
    const prelogin: ScriptedServerOptions['prelogin'] = ({ socket }) =>
      void socket.write(packet(bytes, false));
    expect(await outcome({ prelogin }, false, scriptedAuthenticator(), 1000)).toMatchObject(end);
  },
);
