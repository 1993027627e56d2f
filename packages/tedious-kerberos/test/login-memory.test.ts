import { queryObjects } from 'node:v8';
import { expect, test } from 'vitest';
import { accept, scriptedAuthenticator } from '../../../local/testing/scripted-authenticator.ts';
import { issueCertificate } from '../../../local/testing/tds-server/certificate.ts';
import {
  type ScriptedServerOptions,
  startScriptedServer,
} from '../../../local/testing/tds-server/scripted-server.ts';
import { done, error } from '../../../local/testing/tds-server/tokens.ts';
import { type Authenticator, Connection, type ConnectionConfig, connect } from '../src/index.ts';

const noTicket = scriptedAuthenticator({
  initialToken: () => {
    throw new Error('no ticket');
  },
});

/** Waits for the TLS channel, to tie its token to it, as that of Kerberos does. */
const waiting: Authenticator = {
  begin: (target) => ({
    ...scriptedAuthenticator().begin(target),
    async initialToken(signal, channel) {
      const aborted = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
      await Promise.race([channel, aborted]);
      return Buffer.from('initial');
    },
  }),
};

const refuse = error(18456, 1, 'Login failed.');
const { cert, key } = await issueCertificate('another.example.com');
type Options = NonNullable<ConnectionConfig['options']>;
const ends: readonly [string, ScriptedServerOptions, Authenticator, Options][] = [
  ['is refused', { login: (client) => client.send([refuse, done(2)]) }, scriptedAuthenticator(), {}],
  ['is lost', { login: (client) => void client.socket.destroy() }, scriptedAuthenticator(), {}],
  ['takes too long', { login: () => {} }, scriptedAuthenticator(), { connectTimeout: 20 }],
  ['has no ticket', {}, noTicket, {}],
  ['is not trusted', { tls: { cert, key } }, waiting, { encrypt: 'strict' }],
];

/** Counted after a full collection of what nobody holds. */
const kept = () => ({
  connections: Number(queryObjects(Connection, { format: 'count' })),
  signals: Number(queryObjects(AbortSignal, { format: 'count' })),
});

test.each(ends)('a login that %s is not held on to', async (_, script, authenticator, options) => {
  const server = await startScriptedServer({ login: accept, ...script });
  const { port } = server;
  // However long it may take at most.
  const limits = { connectTimeout: Number.POSITIVE_INFINITY, encrypt: false, ...options };
  const config = { server: '127.0.0.1', authenticator, options: { port, ...limits } };
  const fail = async (times: number) => {
    for (let time = 0; time < times; time += 1) {
      // By no matcher: it would hold on to the error, and through it to the connection.
      const connection = await connect(config).catch(() => undefined);
      if (connection) throw new Error('It was expected to fail.');
    }
  };
  try {
    await fail(3);
    const before = kept();
    await fail(30);
    await expect.poll(() => kept().connections - before.connections).toBeLessThan(10);
    await expect.poll(() => kept().signals - before.signals).toBeLessThan(10);
  } finally {
    await server.stop();
  }
});

test('nor is a connection that the server has ended since', async () => {
  const server = await startScriptedServer({ login: accept });
  const lose = async (times: number) => {
    for (let time = 0; time < times; time += 1) {
      const options = { port: server.port, encrypt: false };
      const authenticator = scriptedAuthenticator();
      const connection = await connect({ server: '127.0.0.1', authenticator, options });
      const ended = new Promise((resolve) => connection.on('error', () => {}).once('end', resolve));
      server.dropAll();
      await ended;
    }
  };
  try {
    await lose(3);
    const before = kept();
    await lose(30);
    await expect.poll(() => kept().connections - before.connections).toBeLessThan(10);
  } finally {
    await server.stop();
  }
});
