import { afterEach, expect, test } from 'vitest';
import { accept, proof, scriptedAuthenticator } from '../../../local/testing/scripted-authenticator.ts';
import { type ClientMessage, messageType } from '../../../local/testing/tds-server/conversation.ts';
import {
  answerRequest,
  type ScriptedServer,
  startScriptedServer,
} from '../../../local/testing/tds-server/scripted-server.ts';
import {
  collation,
  done,
  doneProc,
  error,
  loginAck,
  sspi,
} from '../../../local/testing/tds-server/tokens.ts';
import {
  type Connection,
  createPool,
  ISOLATION_LEVEL,
  type Pool,
  type PoolConfig,
  query,
  Request,
  TYPES,
} from '../src/index.ts';

let server: ScriptedServer;
let pool: Pool;
let messages: ClientMessage[];
let mute: (message: ClientMessage) => boolean;
let refuse: boolean;
afterEach(async () => {
  await pool.drain({ timeoutMilliseconds: 0 });
  await server.stop();
});

async function start(settings: Partial<PoolConfig> = {}, options = {}) {
  messages = [];
  mute = () => false;
  refuse = false;
  server = await startScriptedServer({
    login: accept,
    request: (client, message) => {
      messages.push(message);
      // The interrupted answer ends before the cancellation is confirmed.
      if (message.type === messageType.attention) client.send([doneProc()]);
      if (refuse) client.send([error(1, 1, 'No.'), error(2, 1, 'No, again.'), doneProc()]);
      else if (!mute(message)) answerRequest(client, message);
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

const kinds = new Map<number, string>([
  [messageType.rpc, 'rpc'],
  [messageType.batch, 'batch'],
]);
/** The messages since the login, by kind, prefixed by `r` if they reset the session. */
const sent = () =>
  messages
    .slice(1)
    .map(({ type, reset }) => `${reset ? 'r' : ''}${kinds.get(type) ?? 'other'}`)
    .join(' ');

test("each caller's first request resets the session in the same message", async () => {
  await start();
  for (let count = 0; count < 3; count += 1) await pool.query('SELECT 1');
  expect(sent()).toBe('rpc rrpc rrpc');
});

test('the session is not reset while a caller has the connection', async () => {
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

test('the test query before reuse resets it too', async () => {
  await start({ validateAfterMilliseconds: 0 });
  await pool.query('SELECT 1');
  await pool.query('SELECT 1');
  expect(sent()).toBe('rpc rrpc rpc');
});

test('settings beyond those of a login are restored before the next caller', async () => {
  await start({}, { datefirst: 1 });
  await pool.query('SELECT 1');
  await pool.query('SELECT 1');
  await expect.poll(sent).toBe('rpc rbatch rpc rbatch');
  expect(messages.at(-1)?.body.toString('ucs2')).toContain('set datefirst 1');
});

const batch = (connection: Connection, sql: string) =>
  new Promise((resolve) => connection.execSqlBatch(new Request(sql, resolve)));
const transaction = (connection: Connection, level?: number) =>
  new Promise<void>((resolve, reject) => {
    const ended = (error?: Error | null) => (error ? reject(error) : resolve());
    connection.beginTransaction(
      (error) => (error ? ended(error) : connection.commitTransaction(ended)),
      '',
      level,
    );
  });

test.each<[string, (connection: Connection) => Promise<unknown>]>([
  ['an isolation level', (c) => batch(c, 'set TRANSACTION/**/Isolation level SERIALIZABLE')],
  ['the isolation level of a transaction', (c) => transaction(c, ISOLATION_LEVEL.SNAPSHOT)],
  ['another user', (c) => batch(c, "EXECUTE/* x */AS USER = 'x'")],
  ['another login', (c) => batch(c, "exec\n-- x\nas login = 'x' WITH NO REVERT")],
  ['another user, in the old way', (c) => batch(c, "SETUSER 'x'")],
  ['the role of an application', (c) => batch(c, "EXEC sp_setapprole 'a', 'b'")],
  [
    'the role of an application, taken on by a procedure call',
    (c) => new Promise((resolve) => c.callProcedure(new Request('sys.sp_setAppRole', resolve))),
  ],
])('%s, which a reset leaves as it is, is put back before the next caller', async (_, leave) => {
  await start();
  await pool.withConnection(leave);
  await pool.query('SELECT 1');
  await pool.query('SELECT 1');
  const [reset, next, after] = messages.slice(-3);
  expect(reset).toMatchObject({ type: messageType.batch, reset: true });
  expect(reset?.body.toString('ucs2')).toContain('set transaction isolation level read committed');
  expect(next).toMatchObject({ type: messageType.rpc, reset: false });
  expect(after, 'and costs nothing from then on').toMatchObject({ type: messageType.rpc, reset: true });
});

test.each<[string, (connection: Connection) => Promise<unknown>, string]>([
  ['a transaction as usual', (c) => transaction(c), 'other other rrpc'],
  ['a procedure', (c) => batch(c, 'EXEC dbo.Tidy @days = 3'), 'batch rrpc'],
  ['a query', (c) => query(c, 'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE'), 'rpc rrpc'],
])('%s is put back with the next request', async (_, leave, expected) => {
  await start();
  await pool.withConnection(leave);
  await pool.query('SELECT 1');
  expect(sent()).toBe(expected);
});

/** A first request that is canceled before it was sent completely. */
const interrupted: readonly [string, (connection: Connection) => Promise<unknown>][] = [
  [
    'is canceled at once',
    (c) =>
      new Promise((resolve) => {
        c.execSqlBatch(new Request(`SELECT ${'1,'.repeat(100_000)}1`, resolve));
        c.cancel();
      }),
  ],
  [
    'is aborted at once',
    (c) => {
      const controller = new AbortController();
      const asked = query(c, 'SELECT @a', { a: 'x'.repeat(300_000) }, { signal: controller.signal });
      controller.abort();
      return asked.catch(() => {});
    },
  ],
];

test.each(interrupted)('if the first request %s, the next one resets the session', async (_, first) => {
  await start();
  await pool.query('SELECT 1');
  await pool.withConnection(async (connection) => {
    await first(connection);
    await query(connection, 'SELECT 2');
    await query(connection, 'SELECT 3');
  });
  const resets = messages.slice(-2).map(({ type, reset }) => [type, reset]);
  expect(resets).toEqual([
    [messageType.rpc, true],
    [messageType.rpc, false],
  ]);
});

test('a first request that the server rejects has reset the session', async () => {
  await start();
  await pool.query('SELECT 1');
  refuse = true;
  await pool.withConnection(async (connection) => {
    await query(connection, 'SELECT 2').catch(() => {});
    refuse = false;
    await query(connection, 'SELECT 3');
  });
  expect(sent()).toBe('rpc rrpc rpc');
});

/** A first request that is canceled while the server is working on it. */
const brokenOff: readonly [string, (connection: Connection) => Promise<unknown>][] = [
  ['took too long', (c) => query(c, 'SELECT 2', {}, { timeoutMilliseconds: 50 }).catch(() => {})],
  [
    'was aborted while it ran',
    (c) => query(c, 'SELECT 2', {}, { signal: AbortSignal.timeout(50) }).catch(() => {}),
  ],
  [
    'took longer than tedious was told',
    (c) =>
      new Promise((resolve) => {
        const request = new Request('SELECT 2', resolve);
        request.setTimeout(50);
        c.execSql(request);
      }),
  ],
];

test.each(brokenOff)(
  'a first request that %s has reset the session, so the next one does not',
  async (_, first) => {
    await start();
    await pool.query('SELECT 1');
    mute = ({ type }) => type === messageType.rpc;
    await pool.withConnection(async (connection) => {
      await first(connection);
      mute = () => false;
      await query(connection, 'SELECT 3');
    });
    expect(sent()).toBe('rpc rrpc other rpc');
  },
);

test('a session that cannot be reset is not reused', async () => {
  await start({ validateTimeoutMilliseconds: 500 });
  mute = (message) => message.reset;
  await pool.withConnection((connection) => batch(connection, "EXECUTE AS USER = 'x'"));
  await pool.query('SELECT 1');
  expect(server.logins).toHaveLength(2);
});

test('a reset that the server does not answer closes the connection', async () => {
  await start({ validateTimeoutMilliseconds: 50 }, { datefirst: 1 });
  mute = (message) => message.reset;
  await pool.query('SELECT 1');
  await pool.query('SELECT 1');
  expect(server.logins).toHaveLength(2);
});

test('without resetAfterUse, nothing is reset', async () => {
  await start({ resetAfterUse: false });
  await pool.query('SELECT 1');
  await pool.query('SELECT 1');
  expect(sent()).toBe('rpc rpc');
});

test('the login requests the settings that a reset restores: ODBC', async () => {
  await start();
  await pool.query('SELECT 1');
  expect(server.logins[0]?.odbc).toBe(true);
});

test("a caller's listeners do not hear the next caller's events, and the connection's own listeners stay", async () => {
  await start();
  const heard: unknown[] = [];
  await pool.withConnection(async (connection) => {
    connection.on('infoMessage', (message) => heard.push(message));
    connection.once('errorMessage', (message) => heard.push(message));
    connection.on('error', () => {});
    await query(connection, 'SELECT 1');
    expect(heard).toEqual([]);
  });
  const left = () =>
    pool.withConnection((connection) =>
      connection.eventNames().map((event) => [event, connection.listenerCount(event)] as const),
    );
  refuse = true;
  await expect(pool.query('SELECT 1')).rejects.toMatchObject({ number: 1 });
  expect(heard).toEqual([]);
  expect(new Map(await left())).toEqual(
    new Map([
      ['error', 1],
      ['end', 1],
    ]),
  );
  server.dropAll();
  refuse = false;
  await expect.poll(() => pool.status().free).toBe(0);
});

test('the next caller does not get the collation of a database that a caller switched to', async () => {
  await start();
  await server.stop();
  const asked: Buffer[] = [];
  server = await startScriptedServer({
    login: (client) => client.send([collation(1252), sspi(proof), loginAck(), done()]),
    request: (client, message) => {
      if (message.type === messageType.rpc) asked.push(message.body);
      const used = message.body.includes(Buffer.from('USE Cyrillic', 'ucs2'));
      if (used) client.send([collation(1251), done()]);
      else answerRequest(client, message);
    },
  });
  pool = createPool({
    connection: {
      server: '127.0.0.1',
      authenticator: scriptedAuthenticator(),
      options: { port: server.port, encrypt: false },
    },
    max: 1,
  });
  await pool.withConnection((connection) => batch(connection, 'USE Cyrillic'));
  await pool.query('SELECT @a', { a: { type: TYPES.VarChar, value: '\u00e9' } });
  expect(asked[0]?.toString('hex')).toMatch(/0100e9$/);
});
