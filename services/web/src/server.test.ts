import { once } from 'node:events';
import { Agent, type ClientRequest, get, type IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { type RunningServer, startServer } from './server.ts';

const agent = new Agent({ keepAlive: true });
let server: RunningServer;
let answer: PromiseWithResolvers<Response>;
let arrived: PromiseWithResolvers<void>;

/** A server whose single answer the test determines. */
async function start(): Promise<void> {
  answer = Promise.withResolvers();
  arrived = Promise.withResolvers();
  server = await startServer({
    host: '127.0.0.1',
    port: 0,
    fetch: () => {
      arrived.resolve();
      return answer.promise;
    },
  });
}

function request(): ClientRequest {
  return get({ host: '127.0.0.1', port: server.port, agent });
}

afterEach(() => {
  agent.destroy();
  return server.close(0);
});

test('closing waits for the request in flight, whose connection then ends', async () => {
  await start();
  const inFlight = request();
  const response = once(inFlight, 'response') as Promise<[IncomingMessage]>;
  await arrived.promise;
  let closed = false;
  const closing = server.close(30).then(() => {
    closed = true;
  });
  await nextTurn();
  expect(closed).toBe(false);
  answer.resolve(new Response('done', { headers: { Connection: 'close' } }));
  const [{ statusCode }] = await response;
  expect(statusCode).toBe(200);
  await closing;
});

test('no new connection is accepted while it closes', async () => {
  await start();
  const inFlight = request();
  const response = once(inFlight, 'response');
  await arrived.promise;
  const closing = server.close(30);
  const [error] = await once(get({ host: '127.0.0.1', port: server.port }), 'error');
  expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  answer.resolve(new Response('done', { headers: { Connection: 'close' } }));
  await response;
  await closing;
});

test('a request that outlasts the time limit is cut', async () => {
  await start();
  const inFlight = request();
  const failed = once(inFlight, 'error');
  await arrived.promise;
  await server.close(0.01);
  expect((await failed)[0]).toMatchObject({ code: 'ECONNRESET' });
});

test('a port in use is an error', async () => {
  await start();
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address() as { port: number };
  await expect(
    startServer({ host: '127.0.0.1', port: address.port, fetch: () => new Response() }),
  ).rejects.toMatchObject({ code: 'EADDRINUSE' });
  other.close();
});
