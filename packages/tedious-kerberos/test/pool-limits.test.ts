import { afterEach, describe, expect, test } from 'vitest';
import { accept, scriptedAuthenticator } from '../../../local/testing/scripted-authenticator.ts';
import { type Conversation, messageType } from '../../../local/testing/tds-server/conversation.ts';
import {
  answerRequest,
  type ScriptedServer,
  startScriptedServer,
} from '../../../local/testing/tds-server/scripted-server.ts';
import { connect, createPool, type Pool, type PoolConfig, Request } from '../src/index.ts';

let server: ScriptedServer;
let pool: Pool;
/** Silently lost connections: the server answers nothing that is sent on them. */
const silent = new Set<Conversation>();
const connections = new Set<Conversation>();
let unanswered = 0;
afterEach(async () => {
  await pool?.drain({ timeoutMilliseconds: 0 });
  await server?.stop();
});

async function start(settings: Omit<PoolConfig, 'connection'> = {}, options = {}) {
  silent.clear();
  connections.clear();
  unanswered = 0;
  server = await startScriptedServer({
    login: accept,
    request: (client, message) => {
      connections.add(client);
      if (!silent.has(client)) answerRequest(client, message);
      else if (message.type !== messageType.attention) unanswered += 1;
    },
  });
  pool = createPool({
    connection: {
      server: '127.0.0.1',
      authenticator: scriptedAuthenticator(),
      options: { port: server.port, encrypt: false, ...options },
    },
    ...settings,
  });
}

/** Opens so many connections, leaves them idle, and loses them silently, without FIN or RST. */
async function openThenLose(count: number): Promise<void> {
  const all = Promise.withResolvers<void>();
  let lent = 0;
  const hold = () => {
    lent += 1;
    if (lent === count) all.resolve();
    return all.promise;
  };
  await Promise.all(Array.from({ length: count }, () => pool.withConnection(hold)));
  for (const client of connections) silent.add(client);
}

describe('all idle connections are silently lost', () => {
  test.each([1, 2, 10])('%i of them cost one test query; no caller fails', async (count) => {
    await start({ max: 10, validateAfterMilliseconds: 0, validateTimeoutMilliseconds: 1000 });
    await openThenLose(count);
    await pool.query('SELECT 1');
    await pool.query('SELECT 2');
    expect(unanswered).toBe(1);
    expect(server.logins).toHaveLength(count + 1);
  });

  test('many simultaneous callers test in parallel; no caller fails', async () => {
    await start({ max: 10, validateAfterMilliseconds: 0, validateTimeoutMilliseconds: 1000 });
    await openThenLose(10);
    await Promise.all(Array.from({ length: 10 }, () => pool.query('SELECT 1')));
    expect(unanswered).toBe(10);
  });

  test('just after they were used: one caller notices, no other does', async () => {
    await start(
      { max: 10, validateAfterMilliseconds: 600_000, validateTimeoutMilliseconds: 1000 },
      { requestTimeout: 300, cancelTimeout: 50 },
    );
    await openThenLose(10);
    await expect(pool.query('SELECT 1')).rejects.toMatchObject({ code: 'ETIMEOUT' });
    for (let count = 0; count < 10; count += 1) await pool.query('SELECT 2');
    expect(unanswered).toBe(2);
  });

  test('the test query has one time limit, including its cancellation', async () => {
    await start(
      {
        max: 1,
        validateAfterMilliseconds: 0,
        validateTimeoutMilliseconds: 1000,
        acquireTimeoutMilliseconds: 20_000,
      },
      { cancelTimeout: 600_000 },
    );
    await openThenLose(1);
    await pool.query('SELECT 1');
    expect(server.logins).toHaveLength(2);
  });
});

describe('time limits', () => {
  test.each([Number.POSITIVE_INFINITY, 2 ** 31, 2 ** 40])('of %d do not take effect', async (limit) => {
    await start({
      max: 1,
      acquireTimeoutMilliseconds: limit,
      idleTimeoutMilliseconds: limit,
      maxAgeMilliseconds: limit,
      validateAfterMilliseconds: limit,
      validateTimeoutMilliseconds: limit,
    });
    await pool.query('SELECT 1', {}, { timeoutMilliseconds: limit });
    const held = Promise.withResolvers<void>();
    const first = pool.withConnection(() => held.promise);
    const second = pool.query('SELECT 2');
    await expect.poll(() => pool.status().waiting).toBe(1);
    held.resolve();
    await Promise.all([first, second]);
    expect(server.logins).toHaveLength(1);
  });

  test.each([Number.POSITIVE_INFINITY, 2 ** 31])(
    'a drain of %d waits for the statement under way',
    async (limit) => {
      await start();
      const held = Promise.withResolvers<void>();
      const lent = pool.withConnection(() => held.promise);
      await expect.poll(() => pool.status().used).toBe(1);
      const drained = pool.drain({ timeoutMilliseconds: limit });
      await expect.poll(() => pool.status().state).toBe('draining');
      held.resolve();
      await Promise.all([lent, drained]);
      expect(pool.status().state).toBe('closed');
    },
  );

  test.each([Number.POSITIVE_INFINITY, 2 ** 31])(
    'a request of tedious with the limit %d has none',
    async (limit) => {
      await start();
      await pool.withConnection(
        (connection) =>
          new Promise<void>((resolve, reject) => {
            const request = new Request('SELECT 1', (error) => (error ? reject(error) : resolve()));
            request.setTimeout(limit);
            connection.execSql(request);
            expect(connection.requestTimer).toBeUndefined();
          }),
      );
    },
  );

  test('given where they would have no effect are rejected', async () => {
    await start();
    const limit = { timeoutMilliseconds: 100 } as object;
    await expect(pool.withConnection(() => {}, limit)).rejects.toThrow(
      /^withConnection\(\) does not take "timeoutMilliseconds", only signal\. .*"acquireTimeoutMilliseconds"/,
    );
    await expect(pool.warm(limit)).rejects.toThrow(/^warm\(\) does not take "timeoutMilliseconds"/);
    expect(() => pool.drain({ timeout: 100 } as object)).toThrow(/^drain\(\) does not take "timeout"/);
    await expect(connect({ server: '127.0.0.1' }, limit)).rejects.toThrow(
      /^connect\(\) does not take "timeoutMilliseconds"/,
    );
    expect(server.logins).toHaveLength(0);
    expect(pool.status()).toMatchObject({ state: 'open', used: 0 });
  });

  test.each([-1, Number.NaN])('a drain of %d is refused', async (limit) => {
    await start();
    expect(() => pool.drain({ timeoutMilliseconds: limit })).toThrow(RangeError);
  });

  test.each([0, -1, Number.NaN])('a query of %d is refused', async (limit) => {
    await start();
    await expect(pool.query('SELECT 1', {}, { timeoutMilliseconds: limit })).rejects.toThrow(RangeError);
    expect(pool.status()).toMatchObject({ used: 0 });
  });

  test.each([
    ['min', Number.POSITIVE_INFINITY],
    ['max', Number.POSITIVE_INFINITY],
    ['max', 1.5],
    ['acquireTimeoutMilliseconds', 0],
    ['validateTimeoutMilliseconds', Number.NaN],
  ])('%s = %d is refused', (key, value) => {
    expect(() => createPool({ connection: { server: 'localhost' }, [key]: value })).toThrow(
      new RegExp(`"${key}" must be a whole number`),
    );
  });

  test('a caller gets an error at its time limit, even during validation', async () => {
    await start({
      max: 1,
      validateAfterMilliseconds: 0,
      validateTimeoutMilliseconds: 600_000,
      acquireTimeoutMilliseconds: 2000,
    });
    await openThenLose(1);
    await expect(pool.query('SELECT 1')).rejects.toMatchObject({ code: 'POOL_TIMEOUT' });
  });

  test('idle connections are closed down to "min"', async () => {
    await start({ min: 1, max: 5, idleTimeoutMilliseconds: 30 });
    await openThenLose(5);
    await expect.poll(() => pool.status().free).toBe(1);
    // The server notices a little later.
    await expect.poll(() => server.connections).toBe(1);
  });
});

test('the most recently used connection is handed out first, so that the others can become idle', async () => {
  await start({ max: 3 });
  await openThenLose(3);
  silent.clear();
  const used = new Set<unknown>();
  for (let count = 0; count < 5; count += 1) await pool.withConnection((connection) => used.add(connection));
  expect(used.size).toBe(1);
});
