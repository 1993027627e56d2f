import { once } from 'node:events';
import { connect } from 'node:net';
import { PassThrough } from 'node:stream';
import pino from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { tooManyVisitors } from '../src/http/failures.ts';
import { readyAnswers } from '../src/http/ready-answers.ts';
import { securityHeaderValues } from '../src/http/security-headers.ts';
import { Admission } from '../src/overload/admission.ts';
import { doorkeeper } from '../src/overload/doorkeeper.ts';
import { type RunningServer, startServer } from '../src/server.ts';
import { scriptedApp } from './web-app.ts';

let server: RunningServer;
let url: string;
let answer: PromiseWithResolvers<void>;
let asked: number;
let log: Record<string, unknown>[];

/** The web service with room for two requests, whose database answers when the test allows it. */
beforeEach(async () => {
  answer = Promise.withResolvers();
  asked = 0;
  const lines: Record<string, unknown>[] = [];
  log = lines;
  const stream = new PassThrough();
  stream.on('data', (line: Buffer) => lines.push(JSON.parse(line.toString())));
  const logger = pino({ level: 'debug' }, stream);
  const { app } = scriptedApp({
    database: {
      randomAlbums: async () => {
        asked += 1;
        await answer.promise;
        return [];
      },
    },
  });
  const headers = { ...(await securityHeaderValues()), 'X-Task': 'task-1' };
  const refusal = await readyAnswers(tooManyVisitors, headers);
  const admission = new Admission({ least: 2, most: 2 });
  server = await startServer({
    fetch: app.fetch,
    host: '127.0.0.1',
    port: 0,
    headers,
    logger,
    headersMilliseconds: 1000,
    guard: (listener) => doorkeeper({ admission, logger, refusal }, listener),
  });
  url = `http://127.0.0.1:${server.port}`;
});
afterEach(async () => {
  answer.resolve();
  await server.close(0);
});

/** Starts two requests, which take all the room. */
async function fill() {
  const inside = [fetch(`${url}/api/albums`), fetch(`${url}/api/albums`)];
  await expect.poll(() => asked).toBe(2);
  return inside;
}

test.each([
  ['/api/albums', 'text/html', 'application/problem+json'],
  ['/', 'text/html,*/*', 'text/html; charset=UTF-8'],
  ['/?', 'application/json', 'application/problem+json'],
])('beyond that %s is turned away without asking the database', async (path, accept, type) => {
  const inside = await fill();
  const response = await fetch(url + path, { headers: { Accept: accept } });
  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toBe('1');
  expect(response.headers.get('content-type')).toBe(type);
  expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
  expect(response.headers.get('x-task')).toBe('task-1');
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(await response.text()).toContain('Every seat is taken just now.');
  expect(asked).toBe(2);
  answer.resolve();
  for (const each of inside) expect((await each).status).toBe(200);
  expect((await fetch(`${url}/api/albums`)).status).toBe(200);
});

test('requests that do not need the database are still answered', async () => {
  await fill();
  expect((await fetch(`${url}/livez`)).status).toBe(200);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  expect((await fetch(`${url}/favicon.ico`)).status).toBe(200);
  expect((await fetch(`${url}/api/albums`, { method: 'POST' })).status).toBe(405);
});

test('a visitor who leaves makes room', async () => {
  const visitor = new AbortController();
  const gone = fetch(`${url}/api/albums`, { signal: visitor.signal }).catch((error: Error) => error.name);
  fetch(`${url}/api/albums`).catch(() => {});
  await expect.poll(() => asked).toBe(2);
  visitor.abort();
  expect(await gone).toBe('AbortError');
  const other = new AbortController();
  const next = fetch(`${url}/api/albums`, { signal: other.signal }).catch(() => {});
  await expect.poll(() => asked).toBe(3);
  answer.resolve();
  await next;
});

test('the log has one line for all requests turned away within a second', async () => {
  await fill();
  await Promise.all(Array.from({ length: 5 }, () => fetch(`${url}/api/albums`)));
  await expect.poll(() => log.length).toBe(1);
  expect(log[0]).toMatchObject({ requests: 5, inside: 2, limit: 2, msg: 'turned away: too many at once' });
});

/** Sends a text, and returns everything that comes back until the server hangs up. */
async function raw(text: string): Promise<string> {
  const socket = connect(server.port, '127.0.0.1');
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
  });
  socket.write(text);
  await once(socket, 'close');
  return received;
}

test.each([
  ['no HTTP', 'HELLO\r\n\r\n', 400],
  ['a target that is no URL', 'GET /\\evil HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 400],
  ['a host that is none', 'GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n', 400],
  ['headers that never end', 'GET / HTTP/1.1\r\nHost: x\r\n', 408],
  ['too many headers', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`, 431],
])(
  '%s: answered with all headers, and one line in the log that quotes nothing of it',
  async (_, text, status) => {
    const answered = await raw(text);
    expect(answered).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answered).toMatch(/\r\ncontent-security-policy: default-src 'none'/i);
    expect(answered).toMatch(/\r\nx-frame-options: DENY/i);
    expect(answered).toMatch(/\r\nx-task: task-1/i);
    expect(answered).toContain('"title":"Bad request"');
    expect(log).toEqual([expect.objectContaining({ status, msg: 'answered what is no request' })]);
    expect(JSON.stringify(log)).not.toMatch(/evil|a b|xxx/);
  },
);
