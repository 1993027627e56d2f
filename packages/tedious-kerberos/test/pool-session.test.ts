import { afterEach, expect, test } from 'vitest';
import { accept, scriptedAuthenticator } from '../../../local/testing/scripted-authenticator.ts';
import { type ClientMessage, messageType } from '../../../local/testing/tds-server/conversation.ts';
import {
  answerRequest,
  type ScriptedServer,
  startScriptedServer,
} from '../../../local/testing/tds-server/scripted-server.ts';
import { createPool, type Pool, type PoolConfig, query, Request } from '../src/index.ts';

let server: ScriptedServer;
let pool: Pool;
let messages: ClientMessage[];
let mute: (message: ClientMessage) => boolean;
afterEach(async () => {
  await pool.drain({ timeoutMilliseconds: 0 });
  await server.stop();
});

async function start(settings: Partial<PoolConfig> = {}, options = {}) {
  messages = [];
  mute = () => false;
  server = await startScriptedServer({
    login: accept,
    request: (client, message) => {
      messages.push(message);
      if (!mute(message)) answerRequest(client, message);
    },
  });
  pool = createPool({
    connection: {
      server: '127.0.0.1',
      authenticator: scriptedAuthenticator(),
      options: { port: server.port, encrypt: false, ...options },
    },
    max: 1,
    ...settings,
  });
}

/** What was sent since the login: `r` for a reset, then the kind of message. */
const sent = () =>
  messages
    .slice(1)
    .map(({ type, reset }) => `${reset ? 'r' : ''}${type === messageType.rpc ? 'rpc' : 'batch'}`)
    .join(' ');

test('each next caller has a session that is put back with his first request, in the same message', async () => {
  await start();
  for (let count = 0; count < 3; count += 1) await pool.query('SELECT 1');
  expect(sent()).toBe('rpc rrpc rrpc');
});

test('within one lending the session stays as its caller made it', async () => {
  await start();
  await pool.query('SELECT 1');
  await pool.withConnection(async (connection) => {
    await query(connection, 'SELECT 1');
    await query(connection, 'SELECT 1');
    await new Promise((resolve) => connection.execSqlBatch(new Request('SELECT 1', resolve)));
  });
  await pool.withConnection((connection) => query(connection, 'SELECT 1'));
  expect(sent()).toBe('rpc rrpc rpc batch rrpc');
});

test('the question before a use puts it back too', async () => {
  await start({ validateAfterMilliseconds: 0 });
  await pool.query('SELECT 1');
  await pool.query('SELECT 1');
  expect(sent()).toBe('rpc rrpc rpc');
});

test('settings that a login does not give are set again, before the next caller', async () => {
  await start({}, { datefirst: 1 });
  await pool.query('SELECT 1');
  await pool.query('SELECT 1');
  await expect.poll(sent).toBe('rpc rbatch rpc rbatch');
  expect(messages.at(-1)?.body.toString('ucs2')).toContain('set datefirst 1');
});

test('such a reset that the server does not answer costs the connection', async () => {
  await start({ validateTimeoutMilliseconds: 50 }, { datefirst: 1 });
  mute = (message) => message.reset;
  await pool.query('SELECT 1');
  await pool.query('SELECT 1');
  expect(server.logins).toHaveLength(2);
});

test('without resetAfterUse nothing is put back', async () => {
  await start({ resetAfterUse: false });
  await pool.query('SELECT 1');
  await pool.query('SELECT 1');
  expect(sent()).toBe('rpc rpc');
});

test('the login asks for the settings that a reset gives: ODBC', async () => {
  await start();
  await pool.query('SELECT 1');
  expect(server.logins[0]?.odbc).toBe(true);
});
