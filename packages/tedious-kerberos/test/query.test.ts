import { once } from 'node:events';
import { afterEach, expect, test, vi } from 'vitest';
import { accept, scriptedAuthenticator } from '../../../local/testing/scripted-authenticator.ts';
import {
  type ClientMessage,
  type Conversation,
  messageType,
} from '../../../local/testing/tds-server/conversation.ts';
import {
  answerRequest,
  type ScriptedServer,
  startScriptedServer,
} from '../../../local/testing/tds-server/scripted-server.ts';
import { done, error } from '../../../local/testing/tds-server/tokens.ts';
import { Connection, connect, createPool, query, TYPES } from '../src/index.ts';

let server: ScriptedServer;
let connection: Connection;
afterEach(async () => {
  connection.close();
  await server.stop();
});

async function start(request = answerRequest as (client: Conversation, message: ClientMessage) => void) {
  server = await startScriptedServer({ login: accept, request });
  const authenticator = scriptedAuthenticator();
  connection = await connect({
    server: '127.0.0.1',
    authenticator,
    options: { port: server.port, encrypt: false },
  });
}

test.each([
  ['text', 'nvarchar'],
  [7, 'int'],
  [-2_147_483_648, 'bigint'],
  [5_000_000_000, 'bigint'],
  [7n, 'bigint'],
  [1.5, 'float'],
  [true, 'bit'],
  [new Date(0), 'datetime2'],
  [Buffer.from([1]), 'varbinary'],
  [null, 'nvarchar'],
  [{ type: TYPES.SmallInt, value: 3 }, 'smallint'],
])('the parameter %s is sent as %s', async (value, type) => {
  let sent = '';
  await start((client, message) => {
    if (message.type === messageType.rpc) sent = message.body.toString('ucs2');
    answerRequest(client, message);
  });
  await query(connection, 'SELECT @a', { a: value });
  expect(sent).toContain(`@a ${type}`);
});

/** A request handler that ignores a statement until it is canceled; then ends its answer and confirms, like SQL Server. */
function deaf(onStatement: () => void) {
  return (client: Conversation, message: ClientMessage) => {
    if (message.type === messageType.rpc) return onStatement();
    if (message.type === messageType.attention) client.send([done(2)]);
    answerRequest(client, message);
  };
}

test('an aborted query is canceled at the server, and the connection stays usable', async () => {
  const controller = new AbortController();
  await start(deaf(() => controller.abort()));
  const { signal } = controller;
  await expect(query(connection, 'SELECT 1', {}, { signal })).rejects.toMatchObject({ code: 'ECANCEL' });
  expect(connection.idle).toBe(true);
});

test('a query ends at its time limit, and the connection stays usable', async () => {
  await start(deaf(() => {}));
  await expect(query(connection, 'SELECT 1', {}, { timeoutMilliseconds: 50 })).rejects.toMatchObject({
    code: 'ETIMEOUT',
  });
  // The server may confirm the cancellation a little after the limit.
  await expect.poll(() => connection.idle).toBe(true);
});

test.each([2, 40, 150, 198, 200, 1000])(
  'a limit of %d ms includes the time for the server to confirm the cancellation',
  async (limit) => {
    const givenUp = Promise.withResolvers<void>();
    await start((client, message) => {
      if (message.type === messageType.attention) givenUp.resolve();
      else if (message.type === messageType.batch) answerRequest(client, message);
    });
    connection.on('error', () => {});
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const told = query(connection, 'SELECT 1', {}, { timeoutMilliseconds: limit });
      const rejected = expect(told).rejects.toMatchObject({ code: 'ETIMEOUT' });
      const confirming = Math.min(100, limit / 2);
      await vi.advanceTimersByTimeAsync(limit - confirming);
      await givenUp.promise;
      await vi.advanceTimersByTimeAsync(confirming);
      await rejected;
    } finally {
      vi.useRealTimers();
    }
  },
);

test('an unreadable answer to a canceled query ends the connection and nothing else', async () => {
  const controller = new AbortController();
  await start((client, message) => {
    if (message.type === messageType.rpc) controller.abort();
    else if (message.type === messageType.attention) client.send([Buffer.from([0x42, 1, 2, 3])]);
    else answerRequest(client, message);
  });
  const failed = once(connection, 'error');
  const { signal } = controller;
  await expect(query(connection, 'SELECT 1', {}, { signal })).rejects.toMatchObject({ code: 'ECANCEL' });
  expect(await failed).toMatchObject([
    { code: 'ESOCKET', message: expect.stringContaining('Unknown type: 66') },
  ]);
  await expect(query(connection, 'SELECT 2')).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
});

test('a query that is aborted before it starts is not sent', async () => {
  let statements = 0;
  await start(
    deaf(() => {
      statements += 1;
    }),
  );
  await expect(query(connection, 'SELECT 1', {}, { signal: AbortSignal.abort() })).rejects.toThrow();
  expect(statements).toBe(0);
});

test('an error of the server has its number', async () => {
  await start((client, message) =>
    message.type === messageType.rpc
      ? client.send([error(208, 1, 'Invalid object name.'), done(2)])
      : answerRequest(client, message),
  );
  await expect(query(connection, 'SELECT 1 FROM Nothing')).rejects.toMatchObject({
    code: 'EREQUEST',
    number: 208,
  });
});

test.each<[unknown, RegExp]>([
  [null, /The options of a query must be an object, \{ signal, timeoutMilliseconds \}, not null/],
  [5, /The options of a query must be an object/],
  [{ signal: 5 }, /"signal" must be an AbortSignal, such as AbortSignal.timeout\(5000\), not 5/],
  [{ signal: {} }, /"signal" must be an AbortSignal/],
  [{ signal: new AbortController() }, /not an object \(AbortController\)/],
])('the options %o are rejected, and nothing is sent', async (options, sentence) => {
  let sent = 0;
  await start((client, message) => {
    if (message.type === messageType.rpc) sent += 1;
    answerRequest(client, message);
  });
  // The promise is rejected; nothing is thrown synchronously.
  const rejected = query(connection, 'SELECT 1', {}, options as never);
  await expect(rejected).rejects.toMatchObject({
    name: 'TypeError',
    message: expect.stringMatching(sentence),
  });
  expect(sent).toBe(0);
});

test('a signal from another implementation is accepted', async () => {
  await start();
  const { signal } = new AbortController();
  const other = {
    aborted: false,
    reason: undefined,
    addEventListener: signal.addEventListener.bind(signal),
    removeEventListener: signal.removeEventListener.bind(signal),
  } as unknown as AbortSignal;
  expect(await query(connection, 'SELECT 1', {}, { signal: other })).toMatchObject({ rowCount: 0 });
});

test('an invalid signal is rejected before a connection is made', async () => {
  await start();
  const config = {
    server: '127.0.0.1',
    authenticator: scriptedAuthenticator(),
    options: { port: server.port },
  };
  await expect(connect(config, { signal: 1 as never })).rejects.toThrow('"signal" must be an AbortSignal');
});

test.each<[string, unknown, string]>([
  ['nothing', undefined, 'The configuration of a connection must be an object, not undefined'],
  ['null', null, 'The configuration of a connection must be an object, not null'],
  ['a name', 'music-db', 'The configuration of a connection must be an object, not "music-db"'],
  [
    'tls that is a text',
    { server: 'a', tls: 'ca.pem' },
    'The "tls" of a connection must be an object, not "ca.pem"',
  ],
  [
    'options null',
    { server: 'a', options: null },
    'The "options" of a connection must be an object, not null',
  ],
  [
    'options in a list',
    { server: 'a', options: [] },
    'The "options" of a connection must be an object, not a list',
  ],
  ['an empty authenticator', { server: 'a', authenticator: {} }, 'must have a method "begin"'],
  [
    'a replacer of names that is none',
    { server: 'a', options: { columnNameReplacer: 5 } },
    'The option "columnNameReplacer" must be a function',
  ],
])('a connection with %s is rejected with an explanation, and so is a pool', async (_, config, sentence) => {
  await start();
  expect(() => new Connection(config as never)).toThrow(sentence);
  expect(() => createPool({ connection: config as never })).toThrow(sentence);
  await expect(connect(config as never)).rejects.toThrow(sentence);
});

test('a pool without a configuration is rejected', async () => {
  await start();
  expect(() => createPool(null as never)).toThrow('The configuration of a pool must be an object, not null');
});
