import { afterEach, expect, test, vi } from 'vitest';
import { accept, scriptedAuthenticator } from '../../../local/testing/scripted-authenticator.ts';
import { messageType } from '../../../local/testing/tds-server/conversation.ts';
import {
  answerRequest,
  type ScriptedServer,
  startScriptedServer,
} from '../../../local/testing/tds-server/scripted-server.ts';
import { createPool, type Pool } from '../src/index.ts';

let server: ScriptedServer;
let pool: Pool;
const waiting: (() => void)[] = [];
afterEach(async () => {
  await pool.drain({ timeoutMilliseconds: 0 });
  await server.stop();
});

async function start(max: number) {
  waiting.length = 0;
  server = await startScriptedServer({
    login: accept,
    request: (client, message) => {
      if (message.type !== messageType.rpc) return answerRequest(client, message);
      waiting.push(() => answerRequest(client, message));
    },
  });
  const options = { port: server.port, encrypt: false };
  const authenticator = scriptedAuthenticator();
  pool = createPool({ connection: { server: '127.0.0.1', authenticator, options }, max });
}

test('callers that have or await a connection finish, others are refused', async () => {
  await start(1);
  const first = pool.query('SELECT 1');
  await expect.poll(() => waiting.length).toBe(1);
  const second = pool.query('SELECT 2');
  const drained = pool.drain();
  await expect(pool.query('SELECT 3')).rejects.toMatchObject({ code: 'POOL_CLOSED' });
  expect(pool.status().state).toBe('draining');
  waiting.shift()?.();
  await first;
  await expect.poll(() => waiting.length).toBe(1);
  waiting.shift()?.();
  await second;
  await drained;
  expect(pool.status()).toMatchObject({ state: 'closed', used: 0, free: 0 });
  await expect.poll(() => server.connections).toBe(0);
});

test('what is still in use at the time limit is closed', async () => {
  await start(1);
  const stuck = pool.query('SELECT 1');
  const failed = expect(stuck).rejects.toMatchObject({ code: 'ECLOSE' });
  await expect.poll(() => waiting.length).toBe(1);
  await pool.drain({ timeoutMilliseconds: 50 });
  await failed;
  await expect.poll(() => server.connections).toBe(0);
});

test('a login in progress is abandoned at the time limit', async () => {
  await start(1);
  await pool.drain({ timeoutMilliseconds: 0 });
  const silent = await startScriptedServer({ login: () => {} });
  const options = { port: silent.port, encrypt: false };
  pool = createPool({
    connection: { server: '127.0.0.1', authenticator: scriptedAuthenticator(), options },
  });
  const failed = expect(pool.query('SELECT 1')).rejects.toMatchObject({ code: 'POOL_CLOSED' });
  await expect.poll(() => silent.logins.length).toBe(1);
  await pool.drain({ timeoutMilliseconds: 50 });
  await failed;
  await silent.stop();
});

test.each([60_000, Number.POSITIVE_INFINITY])(
  'a drain of %d is ended by another one with a shorter limit',
  async (timeoutMilliseconds) => {
    await start(1);
    const stuck = expect(pool.query('SELECT 1')).rejects.toMatchObject({ code: 'ECLOSE' });
    await expect.poll(() => waiting.length).toBe(1);
    const first = pool.drain({ timeoutMilliseconds });
    expect(() => pool.drain({ timeoutMilliseconds: -1 })).toThrow(RangeError);
    await pool.drain({ timeoutMilliseconds: 50 });
    await Promise.all([first, stuck]);
    expect(pool.status().state).toBe('closed');
  },
);

test('another drain without a limit does not shorten it', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    await start(1);
    const held = Promise.withResolvers<void>();
    const lent = pool.withConnection(() => held.promise);
    while (pool.status().used === 0) await new Promise(setImmediate);
    const drained = pool.drain({ timeoutMilliseconds: Number.POSITIVE_INFINITY });
    expect(pool.drain()).toBe(drained);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(pool.status().state).toBe('draining');
    held.resolve();
    await lent;
    await drained;
  } finally {
    vi.useRealTimers();
  }
});

test('a second drain returns the first; an unused pool drains immediately', async () => {
  await start(1);
  expect(pool.drain()).toBe(pool.drain());
  await pool.drain();
});
