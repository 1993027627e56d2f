import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { portAnswers } from '../processes/port-answers.ts';
import { administer, connectAsAdministrator } from './administer.ts';
import { givenServer } from './given-server.ts';
import type { DatabaseServer } from './server.ts';
import { type SqlServer, startSqlServer } from './stand-in/server.ts';

/**
 * The behaviour that the rehearsal and the tests require of any `DatabaseServer`, here of a server started by others.
 */
const administrator = { username: 'admin', password: 'Adm1n of this test' };
const tlsName = 'sql.example.com';
let others: SqlServer;
let folder: string;
let server: DatabaseServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'given-server-'));
  others = await startSqlServer({
    address: '127.0.0.1',
    port: 0,
    instance: 'theirs',
    tlsName,
    administrator,
    certificateDirectory: join(folder, 'tls'),
    storageDirectory: join(folder, 'data'),
  });
  server = givenServer(options({}));
  await server.start();
});
afterAll(async () => {
  await server?.stop();
  await others?.stop();
  await rm(folder, { recursive: true, force: true });
});

const options = (more: Partial<Parameters<typeof givenServer>[0]>) => ({
  target: { host: '127.0.0.1', port: others.port },
  address: '127.0.0.1',
  port: 0,
  tlsName,
  authorityFile: others.caFile,
  administrator,
  ...more,
});

const name = 'SELECT @@SERVERNAME AS name';

test('is reached through an address of ours, with its own certificate', async () => {
  expect(server.port).not.toBe(others.port);
  expect(await server.administer(name)).toEqual([{ name: 'theirs' }]);
});

test('after a failover, connections have ended and new ones work', async () => {
  const connection = await connectAsAdministrator(server);
  const ended = new Promise((resolve) => connection.once('end', resolve));
  await server.failOver();
  await ended;
  expect(await server.administer(name)).toEqual([{ name: 'theirs' }]);
});

test('after a silent failover, connections receive nothing more and new ones work', async () => {
  const connection = await connectAsAdministrator(server);
  const heard: string[] = [];
  connection.once('end', () => heard.push('end'));
  await server.failOver({ silently: true });
  expect(await server.administer(name)).toEqual([{ name: 'theirs' }]);
  expect(heard).toEqual([]);
  connection.close();
});

test('can be suspended and resumed', async () => {
  server.suspend();
  const answer = server.administer(name);
  const first = await Promise.race([
    answer,
    administer({ ...server, port: others.port }, [name]).then(() => 'theirs first'),
  ]);
  expect(first).toBe('theirs first');
  server.resume();
  expect(await answer).toEqual([{ name: 'theirs' }]);
});

test('keeps running when it is stopped here, and can be started again', async () => {
  const { port } = server;
  await server.stop();
  expect(await portAnswers('127.0.0.1', port)).toBe(false);
  expect(await portAnswers('127.0.0.1', others.port)).toBe(true);
  await server.start();
  expect(await server.administer(name)).toEqual([{ name: 'theirs' }]);
});

test.each([
  [
    'a wrong password',
    { administrator: { ...administrator, password: 'wrong' } },
    /Login failed for user 'admin'/,
  ],
  ['another name in the certificate', { tlsName: 'other.example.com' }, /other\.example\.com/],
])('is refused with %s, with an explanation', async (_, more, sentence) => {
  const refused = givenServer(options({ ...more, limit: 0 }));
  const error = await refused.start().catch((caught: Error) => caught);
  expect((error as Error).message).toMatch(sentence);
  expect((error as Error).message).toMatch(
    /^SQL Server at 127\.0\.0\.1:\d+ does not let admin log in: .* Check that it listens/,
  );
  expect((error as Error).message).not.toContain(administrator.password);
});
