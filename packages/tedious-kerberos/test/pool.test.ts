import { afterEach, describe, expect, test } from 'vitest';
import { accept, scriptedAuthenticator } from '../../../local/testing/scripted-authenticator.ts';
import {
  type ClientMessage,
  type Conversation,
  messageType,
} from '../../../local/testing/tds-server/conversation.ts';
import {
  answerRequest,
  type ScriptedServer,
  type ScriptedServerOptions,
  startScriptedServer,
} from '../../../local/testing/tds-server/scripted-server.ts';
import { doneProc, error, transaction } from '../../../local/testing/tds-server/tokens.ts';
import { createPool, type Pool, type PoolConfig, PoolError, Request } from '../src/index.ts';

let server: ScriptedServer;
let pool: Pool;
afterEach(async () => {
  await pool.drain({ timeoutMilliseconds: 0 });
  await server.stop();
});

async function start(settings: Omit<PoolConfig, 'connection'> = {}, options: ScriptedServerOptions = {}) {
  server = await startScriptedServer({ login: accept, ...options });
  pool = createPool({
    connection: {
      server: '127.0.0.1',
      authenticator: scriptedAuthenticator(),
      options: { port: server.port, encrypt: false, cancelTimeout: 200 },
    },
    waitForNextTicket: false,
    ...settings,
  });
}

/** A request handler that answers a statement only when released. */
function held() {
  const waiting: (() => void)[] = [];
  return {
    get count() {
      return waiting.length;
    },
    answer: () => waiting.shift()?.(),
    request(client: Conversation, message: ClientMessage) {
      if (message.type !== messageType.rpc) return answerRequest(client, message);
      waiting.push(() => answerRequest(client, message));
    },
  };
}

describe('lending', () => {
  test('one connection serves consecutive queries', async () => {
    await start();
    for (let count = 0; count < 5; count += 1) await pool.query('SELECT 1');
    expect(server.logins).toHaveLength(1);
  });

  test('there are no more connections than "max"', async () => {
    await start({ max: 3 });
    await Promise.all(Array.from({ length: 30 }, () => pool.query('SELECT 1')));
    expect(server.logins.length).toBeLessThanOrEqual(3);
  });

  test('warm() logs in "min" connections', async () => {
    await start({ min: 2, max: 5 });
    await pool.warm();
    expect(server.logins).toHaveLength(2);
    expect(pool.status()).toMatchObject({ state: 'open', free: 2, used: 0 });
  });

  test('a refused warm() keeps no connection', async () => {
    const hold = held();
    await start({ min: 3, max: 3, maxWaiting: 0 }, hold);
    const first = pool.query('SELECT 1');
    await expect.poll(() => hold.count).toBe(1);
    await expect(pool.warm()).rejects.toMatchObject({ code: 'POOL_QUEUE_FULL' });
    hold.answer();
    await first;
    await expect.poll(() => pool.status()).toMatchObject({ used: 0, free: 3, waiting: 0, connecting: 0 });
  });

  test('a caller that waits too long gets POOL_TIMEOUT', async () => {
    const hold = held();
    await start({ max: 1, acquireTimeoutMilliseconds: 1500 }, hold);
    const first = pool.query('SELECT 1');
    await expect(pool.query('SELECT 2')).rejects.toMatchObject({ code: 'POOL_TIMEOUT' });
    hold.answer();
    await first;
  });

  test('a caller beyond "maxWaiting" is refused immediately', async () => {
    const hold = held();
    await start({ max: 1, maxWaiting: 1 }, hold);
    const first = pool.query('SELECT 1');
    await expect.poll(() => hold.count).toBe(1);
    const second = pool.query('SELECT 2');
    const third = pool.query('SELECT 3');
    await expect(third).rejects.toSatisfy((e) => e instanceof PoolError && e.code === 'POOL_QUEUE_FULL');
    hold.answer();
    await first;
    await expect.poll(() => hold.count).toBe(1);
    hold.answer();
    await second;
  });

  test('a caller that cancels while waiting takes no connection', async () => {
    const hold = held();
    const controller = new AbortController();
    await start({ max: 1 }, hold);
    const first = pool.query('SELECT 1');
    await expect.poll(() => hold.count).toBe(1);
    const second = pool.query('SELECT 2', {}, { signal: controller.signal });
    controller.abort();
    await expect(second).rejects.toMatchObject({ code: 'CANCELED' });
    hold.answer();
    await first;
    expect(hold.count).toBe(0);
  });

  test('a failed login reaches the caller with its own error', async () => {
    await start({}, { login: (client) => client.send([error(18456, 5, 'No.')]) });
    await expect(pool.query('SELECT 1')).rejects.toMatchObject({ code: 'LOGIN_REFUSED' });
    expect(pool.status().lastLoginError?.error.code).toBe('LOGIN_REFUSED');
  });

  test('an invalid setting is reported when the pool is made', () => {
    const connection = { server: 'localhost' };
    expect(() => createPool({ connection, max: 0 })).toThrow(/"max" must be .* not 0/);
    expect(() => createPool({ connection, min: 3, max: 2 })).toThrow(/"min" \(3\)/);
    expect(() => createPool({ connection, maxAgeMilliseconds: Number.NaN })).toThrow(/"maxAgeMilliseconds"/);
    expect(() => createPool({ connection: { server: 'localhost', options: { port: -1 } } })).toThrow(
      RangeError,
    );
  });
});

describe('a connection is not reused', () => {
  test('after it was lost; and the statement is not repeated', async () => {
    let statements = 0;
    await start(
      {},
      {
        request: (client, message) => {
          if (message.type === messageType.rpc) statements += 1;
          if (message.type === messageType.rpc && statements === 1) client.socket.destroy();
          else answerRequest(client, message);
        },
      },
    );
    await expect(pool.query('INSERT INTO Album DEFAULT VALUES')).rejects.toThrow();
    expect(statements).toBe(1);
    await pool.query('SELECT 2');
    expect(server.logins).toHaveLength(2);
    expect(statements).toBe(2);
  });

  test('after it was lost while idle', async () => {
    await start();
    await pool.query('SELECT 1');
    server.dropAll();
    await expect.poll(() => server.connections).toBe(0);
    await pool.query('SELECT 2');
    expect(server.logins).toHaveLength(2);
  });

  test('when it is older than "maxAgeMilliseconds"', async () => {
    await start({ maxAgeMilliseconds: 1 });
    await pool.query('SELECT 1');
    await expect
      .poll(async () => {
        await pool.query('SELECT 2');
        return server.logins.length;
      })
      .toBeGreaterThan(1);
  });

  test('when it does not answer after a time without use', async () => {
    let silent: Conversation | undefined;
    let last: Conversation | undefined;
    await start(
      { validateAfterMilliseconds: 0, validateTimeoutMilliseconds: 50 },
      {
        request: (client, message) => {
          last = client;
          if (client !== silent) answerRequest(client, message);
        },
      },
    );
    await pool.query('SELECT 1');
    silent = last;
    await pool.query('SELECT 2');
    expect(server.logins).toHaveLength(2);
  });

  test('with an open transaction', async () => {
    await start(
      { resetAfterUse: false },
      {
        request: (client, message) =>
          message.type === messageType.rpc
            ? client.send([transaction(8), doneProc()])
            : answerRequest(client, message),
      },
    );
    await pool.query('BEGIN TRANSACTION');
    await pool.query('BEGIN TRANSACTION');
    expect(server.logins).toHaveLength(2);
  });

  test('with a request in progress', async () => {
    const hold = held();
    await start({ max: 1 }, hold);
    await pool.withConnection(async (connection) => {
      connection.execSql(new Request('SELECT 1', () => {}));
      await expect.poll(() => hold.count).toBe(1);
    });
    const next = pool.query('SELECT 2');
    await expect.poll(() => hold.count).toBe(2);
    expect(server.logins).toHaveLength(2);
    hold.answer();
    hold.answer();
    await next;
  });
});
