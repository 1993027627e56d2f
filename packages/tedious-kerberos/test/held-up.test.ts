import { once } from 'node:events';
import { connect } from 'node:net';
import { Worker } from 'node:worker_threads';
import { configurationFrom, KdcClient } from 'kerberos-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { scriptedAuthenticator } from '../../../local/testing/scripted-authenticator.ts';
import { startScriptedServer } from '../../../local/testing/tds-server/scripted-server.ts';
import { done, error } from '../../../local/testing/tds-server/tokens.ts';
import { connect as logIn } from '../src/index.ts';
import { after } from '../src/limits.ts';

/** Answers from another thread and counts the answers in shared memory. Only the length of a KDC's answer matters here. */
const server = `
const { createServer } = require('node:net');
const { parentPort, workerData } = require('node:worker_threads');
const listening = createServer((socket) => {
  socket.on('error', () => {});
  socket.on('data', () => socket.write(Buffer.from([0, 0, 0, 2, 0x6b, 0]), () => {
    Atomics.add(workerData, 0, 1);
    Atomics.notify(workerData, 0);
  }));
}).listen(0, '127.0.0.1', () => parentPort.postMessage(listening.address().port));
`;

const answers = new Int32Array(new SharedArrayBuffer(4));
let worker: Worker;
let port: number;
beforeEach(async () => {
  worker = new Worker(server, { eval: true, workerData: answers });
  [port] = await once(worker, 'message');
});
afterEach(() => worker.terminate());

/** Blocks the thread until the answer has arrived and the limit has passed. */
function holdUp(known: number, milliseconds: number): void {
  const until = performance.now() + milliseconds;
  Atomics.wait(answers, 0, known, 60_000);
  while (performance.now() < until);
}

test('if the process was held up, an answer that came in time is read before the time limit takes effect', async () => {
  const socket = connect({ host: '127.0.0.1', port });
  await once(socket, 'connect');
  for (let time = 0; time < 20; time += 1) {
    const known = Atomics.load(answers, 0);
    const heard: string[] = [];
    const both = Promise.all([
      once(socket, 'data').then(() => heard.push('answer')),
      new Promise<void>((resolve) => after(20, resolve)).then(() => heard.push('limit')),
    ]);
    socket.write('a question');
    holdUp(known, 40);
    await both;
    expect(heard).toEqual(['answer', 'limit']);
  }
  socket.destroy();
});

test('the same holds for a login', async () => {
  const refused = Promise.withResolvers<void>();
  const refusing = await startScriptedServer({
    login: (client) => {
      client.send([error(18456, 1, 'Login failed.'), done(2)]);
      refused.resolve();
    },
  });
  const options = { port: refusing.port, encrypt: false, connectTimeout: 2000 };
  const authenticator = scriptedAuthenticator();
  const login = expect(logIn({ server: '127.0.0.1', authenticator, options })).rejects.toMatchObject({
    code: 'LOGIN_REFUSED',
  });
  await refused.promise;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2050);
  await login;
  await refusing.stop();
});

test('the same holds for a KDC', async () => {
  const configuration = configurationFrom(`[realms]\nR = {\n kdc = 127.0.0.1:${port}\n}\n`);
  const kdc = new KdcClient({ configuration, timeoutMilliseconds: 100 });
  for (let proven = 0; proven < 10; ) {
    const known = Atomics.load(answers, 0);
    const began = performance.now();
    const asked = kdc.ask('R', Buffer.from('a question'));
    let outcome = 'open' as 'open' | 'answered' | 'failed';
    const ended = asked.then(
      () => {
        outcome = 'answered';
      },
      () => {
        outcome = 'failed';
      },
    );
    // Connecting takes several turns of the event loop; the request is sent at the end of one.
    while (Atomics.load(answers, 0) === known && outcome === 'open') await new Promise(setImmediate);
    const inTime = outcome === 'answered' || performance.now() - began < 90;
    holdUp(known, 130);
    await ended;
    // On a busy machine the answer itself may be late. Such a try proves nothing.
    if (!inTime) continue;
    expect((await asked).message).toHaveLength(2);
    proven += 1;
  }
});
