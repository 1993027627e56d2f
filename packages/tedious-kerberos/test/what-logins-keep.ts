import { setTimeout } from 'node:timers/promises';
import { queryObjects } from 'node:v8';
import { accept, scriptedAuthenticator } from '../../../local/testing/scripted-authenticator.ts';
import { issueCertificate } from '../../../local/testing/tds-server/certificate.ts';
import {
  type ScriptedServerOptions,
  startScriptedServer,
} from '../../../local/testing/tds-server/scripted-server.ts';
import { done, error } from '../../../local/testing/tds-server/tokens.ts';
import { type Authenticator, Connection, type ConnectionConfig, connect } from '../src/index.ts';

/*
 * A separate process that prints, for each way in which a connection can end, what it leaves behind in memory. In a process
 * with much in its memory, counting would take minutes.
 */

const noTicket = scriptedAuthenticator({
  initialToken: () => {
    throw new Error('no ticket');
  },
});

/** Waits for the TLS channel, as Kerberos does in order to bind its token to it. */
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

/** Counts live objects; `queryObjects` runs a full garbage collection first. */
const kept = () => ({
  connections: Number(queryObjects(Connection, { format: 'count' })),
  signals: Number(queryObjects(AbortSignal, { format: 'count' })),
});

type Kept = ReturnType<typeof kept>;

/** Counts what 30 more endings leave behind, as soon as that is less than a third of them, or after 100 tries. */
async function keptAfter(end: (times: number) => Promise<void>): Promise<Kept> {
  await end(3);
  const before = kept();
  await end(30);
  let more: Kept;
  let tries = 0;
  do {
    await setTimeout(20);
    const now = kept();
    more = {
      connections: now.connections - before.connections,
      signals: now.signals - before.signals,
    };
    tries += 1;
  } while (tries < 100 && (more.connections >= 10 || more.signals >= 10));
  return more;
}

async function afterFailedLogins(
  script: ScriptedServerOptions,
  authenticator: Authenticator,
  options: Options,
): Promise<Kept> {
  const server = await startScriptedServer({ login: accept, ...script });
  const { port } = server;
  // Without a time limit, which must not keep anything alive either.
  const limits = { connectTimeout: Number.POSITIVE_INFINITY, encrypt: false, ...options };
  const config = { server: '127.0.0.1', authenticator, options: { port, ...limits } };
  const fail = async (times: number) => {
    for (let time = 0; time < times; time += 1) {
      const connection = await connect(config).catch(() => undefined);
      if (connection) throw new Error('It was expected to fail.');
    }
  };
  return await keptAfter(fail).finally(() => server.stop());
}

async function afterLostConnections(): Promise<Kept> {
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
  return await keptAfter(lose).finally(() => server.stop());
}

const found: Record<string, Kept> = {};
for (const [end, ...how] of ends) found[`a login that ${end}`] = await afterFailedLogins(...how);
found['a connection that the server has ended'] = await afterLostConnections();
console.log(JSON.stringify(found));
