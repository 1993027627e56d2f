import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type ServiceProcess, startServiceProcess } from '../../../local/testing/service-process.ts';

/** Accepts connections and does not answer, as a hung SQL Server does, until told to hang up. */
let mute: Server;
const sockets = new Set<Socket>();
let hungUp = false;
let folder: string;
let web: ServiceProcess | undefined;

function hangUp(): void {
  hungUp = true;
  for (const socket of sockets) socket.destroy();
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'web-main-'));
  writeFileSync(join(folder, 'ca.pem'), rootCertificates[0] ?? '');
  mute = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    if (hungUp) socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(mute, 'listening');
});
afterEach(async () => {
  web?.signal('SIGKILL');
  await web?.exited;
  web = undefined;
  hungUp = false;
});
afterAll(() => {
  hangUp();
  mute.close();
  rmSync(folder, { recursive: true });
});

function environment(changes: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return {
    HOST: '127.0.0.1',
    PORT: '0',
    SQL_SERVER: '127.0.0.1',
    SQL_PORT: String((mute.address() as { port: number }).port),
    SQL_DATABASE: 'Music',
    SQL_TLS_NAME: 'music-db.example.com',
    SQL_TLS_CA_FILE: join(folder, 'ca.pem'),
    KRB5_CONFIG: join(folder, 'krb5.conf'),
    KRB5CCNAME: `FILE:${join(folder, 'krbcache')}`,
    TICKET_STATUS_FILE: join(folder, 'ticket.json'),
    ACQUIRE_TIMEOUT_SECONDS: '20',
    CONNECT_TIMEOUT_SECONDS: '20',
    DRAIN_SECONDS: '0.5',
    ...changes,
  };
}

async function start(changes?: NodeJS.ProcessEnv): Promise<{ web: ServiceProcess; url: string }> {
  web = startServiceProcess('web', environment(changes));
  const { port } = await web.logged('listening');
  return { web, url: `http://127.0.0.1:${port}` };
}

test('a wrong setting ends it with one sentence, before anything is done', async () => {
  web = startServiceProcess('web', environment({ PORT: 'eighty', SQL_DATABASE: undefined }));
  expect(await web.exited).toBe(1);
  expect(web.log).toEqual([]);
  expect(web.errors()).toMatch(/^SQL_DATABASE is not set, .*\.\nPORT is "eighty", .*\.\n$/);
});

test('so does a missing CA file', async () => {
  web = startServiceProcess('web', environment({ SQL_TLS_CA_FILE: '/none.pem' }));
  expect(await web.exited).toBe(1);
  expect(web.errors()).toMatch(/^SQL_TLS_CA_FILE is "\/none.pem", .* \(ENOENT\)\.\n$/);
});

test('so does a port in use', async () => {
  web = startServiceProcess('web', environment({ PORT: String((mute.address() as { port: number }).port) }));
  expect(await web.exited).toBe(1);
  expect(web.errors()).toBe('The port is taken: set PORT to a free one, or end what listens there.\n');
});

test('it listens and is alive while the database is silent, and reports what it waits for', async () => {
  const { url } = await start({ READINESS_TIMEOUT_SECONDS: '0.2' });
  expect((await fetch(`${url}/livez`)).status).toBe(200);
  const readiness = await fetch(`${url}/readyz`);
  expect(readiness.status).toBe(503);
  expect(await readiness.json()).toEqual({
    ready: false,
    service: 'serving',
    dependencies: { database: 'unreachable', ticket: 'missing' },
  });
});

test('a full queue turns visitors away at once, and tells them when to come back', async () => {
  const { url } = await start({ POOL_MIN: '0', POOL_MAX: '1', POOL_QUEUE_MAX: '1' });
  // While the first login is in progress, one request has the only connection, one waits for it, and the others are too
  // many.
  const answers = Array.from({ length: 6 }, () => fetch(`${url}/api/session`));
  const first = await Promise.race(answers);
  expect(first.status).toBe(503);
  expect(first.headers.get('retry-after')).toBe('1');
  hangUp();
  await Promise.all(answers);
});

test('at SIGTERM: no longer ready, the request in flight is answered, then it ends with 0', async () => {
  const { web, url } = await start({ LOG_LEVEL: 'trace' });
  const inFlight = fetch(`${url}/api/session`);
  await web.logged('arrived');
  web.signal('SIGTERM');
  await web.logged('draining: no longer ready, still answering');
  const readiness = await fetch(`${url}/readyz`);
  expect(readiness.status).toBe(503);
  expect(await readiness.json()).toMatchObject({ service: 'draining' });
  // The silent database hangs up, and the request in flight gets its answer.
  hangUp();
  const answer = await inFlight;
  expect(answer.status).toBe(503);
  expect(answer.headers.get('connection')).toBe('close');
  expect(await web.exited).toBe(0);
  expect(web.log.at(-1)).toMatchObject({ msg: 'closed' });
});

test('a request that does not end in time is cut off, and the process ends', async () => {
  const { web, url } = await start({ LOG_LEVEL: 'trace', DRAIN_SECONDS: '0', SHUTDOWN_SECONDS: '1' });
  const inFlight = fetch(`${url}/api/session`).catch((error) => error);
  await web.logged('arrived');
  web.signal('SIGTERM');
  expect(await inFlight).toBeInstanceOf(TypeError);
  expect(await web.exited).not.toBeNull();
});
