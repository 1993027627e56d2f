import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { accept, scriptedAuthenticator } from '../../../local/testing/scripted-authenticator.ts';
import { type IssuedCertificate, issueCertificate } from '../../../local/testing/tds-server/certificate.ts';
import {
  type ClientMessage,
  type Conversation,
  messageType,
  packet,
} from '../../../local/testing/tds-server/conversation.ts';
import {
  answerRequest,
  type ScriptedServer,
  startScriptedServer,
} from '../../../local/testing/tds-server/scripted-server.ts';
import { doneProc, error, intColumns, intRow } from '../../../local/testing/tds-server/tokens.ts';
import { type Connection, connect, createPool, query, Request } from '../src/index.ts';

let certificate: IssuedCertificate;
beforeAll(async () => {
  certificate = await issueCertificate('localhost');
});

let server: ScriptedServer;
let connection: Connection;
afterEach(async () => {
  vi.useRealTimers();
  connection.close();
  await server.stop();
});

type Answer = (client: Conversation, message: ClientMessage) => void;

async function start(request: Answer, tls = false): Promise<void> {
  server = await startScriptedServer({ login: accept, request, ...(tls ? { tls: certificate } : {}) });
  connection = await connect({
    server: 'localhost',
    authenticator: scriptedAuthenticator(),
    tls: { ca: certificate.ca },
    options: { port: server.port, encrypt: tls ? 'strict' : false, cancelTimeout: 100 },
  });
  connection.on('error', () => {});
}

/** Calls back for statements; answers the requests of the login. */
const onStatement =
  (then: (client: Conversation) => void): Answer =>
  (client, message) =>
    message.type === messageType.rpc ? then(client) : answerRequest(client, message);

const ways: Readonly<Record<string, (socket: Socket) => void>> = {
  'ends it (FIN)': (socket) => socket.end(),
  'resets it (RST)': (socket) => (socket instanceof TLSSocket ? socket.destroy() : socket.resetAndDestroy()),
};

const answer = Buffer.concat([intColumns('a'), intRow(1), intRow(2), doneProc()]);
const moments: Readonly<Record<string, Buffer>> = {
  'before an answer': Buffer.alloc(0),
  "within the header of the answer's packet": packet(answer, true).subarray(0, 5),
  "within the answer's packet": packet(answer, true).subarray(0, 20),
  'between two packets of the answer': packet(answer.subarray(0, 20), false),
  'between two rows': packet(answer.subarray(0, answer.length - doneProc().length - 5), false),
};

describe.each(Object.keys(ways))('the server %s', (way) => {
  const cut = ways[way] as (socket: Socket) => void;

  test.each(
    Object.keys(moments).flatMap((moment) =>
      [false, true].map((tls) => [tls ? 'TLS' : 'plain', moment, tls] as const),
    ),
  )('%s, %s', async (_, moment, tls) => {
    await start(
      onStatement((client) => {
        client.socket.write(moments[moment] as Buffer, () => cut(client.socket));
      }),
      tls,
    );
    const failure = await query(connection, 'SELECT 1').catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({
      code: 'CONNECTION_LOST',
      message: expect.stringMatching(
        /^The connection to localhost:\d+ was lost before the statement was answered: ./,
      ),
      cause: expect.any(Error),
    });
    await expect(query(connection, 'SELECT 2')).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  });

  test.each([false, true])('while it is idle (TLS: %s)', async (tls) => {
    let client: Conversation | undefined;
    await start(
      onStatement((conversation) => {
        client = conversation;
        conversation.send([doneProc()]);
      }),
      tls,
    );
    await query(connection, 'SELECT 1');
    cut((client as Conversation).socket);
    await expect(query(connection, 'SELECT 2')).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  });

  test.each([false, true])('while the statement is still being sent (TLS: %s)', async (tls) => {
    let statements = 0;
    await start(
      onStatement(() => {
        statements += 1;
      }),
      tls,
    );
    for (const socket of server.sockets) {
      socket.pause();
      socket.once('readable', () => cut(socket));
    }
    await expect(query(connection, 'SELECT @a', { a: 'x'.repeat(4_000_000) })).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
    });
    expect(statements).toBe(0);
  });

  test('while a query is being canceled', async () => {
    const controller = new AbortController();
    await start((client, message) => {
      if (message.type === messageType.rpc) controller.abort();
      else if (message.type === messageType.attention) cut(client.socket);
      else answerRequest(client, message);
    });
    const { signal } = controller;
    await expect(query(connection, 'SELECT 1', {}, { signal })).rejects.toMatchObject({ code: 'ECANCEL' });
    await expect(query(connection, 'SELECT 2')).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  });

  test('after it has sent an error', async () => {
    await start(
      onStatement((client) => {
        client.socket.write(packet(error(6005, 1, 'SHUTDOWN is in progress.'), false), () =>
          cut(client.socket),
        );
      }),
    );
    await expect(query(connection, 'SELECT 1')).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
      number: 6005,
      message: expect.stringContaining('SHUTDOWN is in progress.'),
    });
  });
});

test('an unreadable answer ends the connection and is reported', async () => {
  await start(onStatement((client) => client.send([Buffer.from([0x42, 1, 2, 3])])));
  await expect(query(connection, 'SELECT 1')).rejects.toMatchObject({
    code: 'CONNECTION_LOST',
    cause: expect.any(Error),
  });
});

test('the server does not confirm a cancellation: the limit holds, the connection is closed, the next query reports it', async () => {
  await start(onStatement(() => {}));
  await expect(query(connection, 'SELECT 1', {}, { timeoutMilliseconds: 300 })).rejects.toMatchObject({
    code: 'ETIMEOUT',
  });
  await expect(query(connection, 'SELECT 2')).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
});

test('a second query on a busy connection is rejected, and does not disturb the first', async () => {
  const arrived = Promise.withResolvers<Conversation>();
  await start(onStatement((client) => arrived.resolve(client)));
  const first = query(connection, 'SELECT 1');
  await expect(query(connection, 'SELECT 2')).rejects.toMatchObject({ code: 'EINVALIDSTATE' });
  (await arrived.promise).send([doneProc()]);
  await first;
});

test('a connection that this process closes is not reported as lost', async () => {
  await start(onStatement(() => connection.close()));
  await expect(query(connection, 'SELECT 1')).rejects.toMatchObject({ code: 'ECLOSE' });
});

describe('rows that have arrived', () => {
  const many = Array.from({ length: 5_000 }, (_, row) => intRow(row));
  const rowsAndEnd = (client: Conversation) => {
    client.send([intColumns('a'), ...many, doneProc()]);
    client.socket.end();
  };

  /** Runs a statement whose rows are given to `onRow` with their number, from 1. */
  function running(onRow: (count: number, request: Request) => void) {
    let count = 0;
    const told: (Error | null | undefined)[] = [];
    const request = new Request('SELECT a', (error) => told.push(error));
    request.on('row', () => onRow(++count, request));
    // The answer is read to its end after the connection is closed, unnoticed by the request, so watch the parser.
    const { promise: read, resolve, reject } = Promise.withResolvers<void>();
    const create = connection.createTokenStreamParser;
    vi.spyOn(connection, 'createTokenStreamParser').mockImplementationOnce((...parameters) => {
      const parser = create.apply(connection, parameters);
      const { emit } = parser;
      parser.emit = (...event) => {
        try {
          return emit.apply(parser, event);
        } catch (thrown) {
          reject(thrown);
          return true;
        } finally {
          resolve();
        }
      };
      return parser;
    });
    connection.execSql(request);
    return { read, told, request, rows: () => count };
  }

  test.each<[string, (request: Request) => void]>([
    ['while they are read', () => connection.close()],
    ['after they were canceled', (request) => [request.cancel(), connection.close()]],
    [
      'while they are paused',
      (request) => [request.pause(), queueMicrotask(() => [connection.close(), request.resume()])],
    ],
  ])('of a connection that is closed %s: the caller is told once and gets no more', async (_, close) => {
    await start(onStatement(rowsAndEnd));
    const { read, told, rows } = running((count, request) => count === 3 && close(request));
    await read;
    expect(told).toEqual([expect.objectContaining({ code: 'ECLOSE' })]);
    expect(rows()).toBe(3);
  });

  test('all reach a paused reader, even long after the connection has ended', async () => {
    await start(onStatement(rowsAndEnd));
    const { read, told, rows, request } = running((count) => count === 3 && request.pause());
    while (!connection.ended) await setImmediate();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await vi.advanceTimersByTimeAsync(3_600_000);
    // No timer polls for the resume.
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
    request.resume();
    await read;
    expect(told).toEqual([undefined]);
    expect(rows()).toBe(many.length);
  });

  test('all reach a reader that pauses at each', async () => {
    await start(onStatement(rowsAndEnd));
    const { read, told, rows } = running((count, request) => {
      request.pause();
      if (count % 500 === 0) setTimeout(() => request.resume(), 3);
      else void setImmediate().then(() => request.resume());
    });
    await read;
    expect(told).toEqual([undefined]);
    expect(rows()).toBe(many.length);
  });
});

test('a pool reports the same error, and continues with another connection', async () => {
  let cuts = 1;
  await start(
    onStatement((client) => {
      if (cuts-- > 0) client.socket.destroy();
      else client.send([doneProc()]);
    }),
  );
  const pool = createPool({
    connection: {
      server: 'localhost',
      authenticator: scriptedAuthenticator(),
      options: { port: server.port, encrypt: false },
    },
  });
  await expect(pool.query('SELECT 1')).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  await pool.query('SELECT 2');
  await pool.drain();
});
