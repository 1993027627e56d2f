import { connect, createPool, type PoolConfig } from 'tedious-kerberos';
import { afterEach, expect, test } from 'vitest';
import { accept, scriptedAuthenticator } from '../../../local/testing/scripted-authenticator.ts';
import { type Conversation, messageType, packet } from '../../../local/testing/tds-server/conversation.ts';
import {
  answerRequest,
  type ScriptedServer,
  startScriptedServer,
} from '../../../local/testing/tds-server/scripted-server.ts';
import { done, error, intColumns } from '../../../local/testing/tds-server/tokens.ts';
import { databaseError } from '../src/music/sql-music-database.ts';
import { scriptedApp } from './web-app.ts';

let server: ScriptedServer;
afterEach(() => server.stop());

type Answer = (client: Conversation) => void;

/** The error with which the driver's pool rejects if the server answers statements like this. */
async function thrown(answer: Answer, settings: Omit<PoolConfig, 'connection'> = {}): Promise<unknown> {
  server = await startScriptedServer({
    login: accept,
    request: (client, message) =>
      message.type === messageType.rpc ? answer(client) : answerRequest(client, message),
  });
  const pool = createPool({
    connection: {
      server: '127.0.0.1',
      authenticator: scriptedAuthenticator(),
      options: { port: server.port, encrypt: false, requestTimeout: 300, cancelTimeout: 50 },
    },
    ...settings,
  });
  const first = pool.query('SELECT 1').catch((failure: unknown) => failure);
  const failure = settings.maxWaiting === 0 ? pool.query('SELECT 2').catch((busy: unknown) => busy) : first;
  const outcome = await failure;
  await pool.drain({ timeoutMilliseconds: 0 });
  await first;
  return outcome;
}

const half = packet(intColumns('a', 'b'), true).subarray(0, 12);
const saying =
  (number: number): Answer =>
  (client) =>
    client.send([error(number, 1, 'Says the server.'), done(2)]);

test.for<[string, Answer, number, string | null, Omit<PoolConfig, 'connection'>?]>([
  ['hangs up', (client) => client.socket.end(), 503, '5'],
  ['resets the connection', (client) => client.socket.resetAndDestroy(), 503, '5'],
  ['hangs up within its answer', (client) => client.socket.end(half), 503, '5'],
  ['answers nonsense', (client) => client.send([Buffer.from([0x42, 1, 2, 3])]), 503, '5'],
  ['never answers', () => {}, 504, null],
  ['never answers, and nobody else has room', () => {}, 503, '1', { max: 1, maxWaiting: 0 }],
  ['chose us as the victim of a deadlock', saying(1205), 503, '5'],
  ['has no memory for another lock', saying(1204), 503, '5'],
  ['ran out of time for a memory grant', saying(8628), 503, '5'],
  ['let another transaction come first', saying(41_302), 503, '5'],
  ['has moved the database to another host', saying(983), 503, '5'],
  ['says that the table is not there', saying(208), 500, null],
  ['says that we may not', saying(229), 500, null],
])('a server that %s', async ([, answer, status, retryAfter, settings]) => {
  const failure = await thrown(answer, settings);
  const { app, log } = scriptedApp({
    database: { randomAlbums: () => Promise.reject(databaseError(failure)) },
  });
  const response = await app.request('/api/albums');
  expect(response.status).toBe(status);
  expect(response.headers.get('retry-after')).toBe(retryAfter);
  // Each is logged with the driver's message, and not as a fault of the program with a stack.
  expect(JSON.stringify(log[0])).toContain((failure as Error).message);
  expect(log[0]).not.toHaveProperty('err');
});

test('a server that is not there', async () => {
  server = await startScriptedServer({});
  const options = { port: server.port, encrypt: false };
  await server.stop();
  const failure = await connect({
    server: '127.0.0.1',
    authenticator: scriptedAuthenticator(),
    options,
  }).catch((refused: unknown) => refused);
  expect(databaseError(failure)).toMatchObject({ kind: 'unavailable', code: 'CONNECTION_FAILED' });
});
