import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DirectoryServiceClient } from '@aws-sdk/client-directory-service';
import { GetRandomPasswordCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterEach, expect, test } from 'vitest';
import { patience } from '../src/aws/clients.ts';
import { createJsonClient } from '../src/aws/json-client.ts';
import { passesWithTime } from '../src/aws/not-yet.ts';
import { ensureDirectorySettings } from '../src/directory/directory-settings.ts';
import {
  createMemoryDomain,
  type DirectoryServiceOptions,
  directoryId,
  startDirectoryService,
} from './directory-service.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function start(options: Omit<DirectoryServiceOptions, 'domain'>) {
  const domain = createMemoryDomain();
  const service = await startDirectoryService({ domain, ...options });
  cleanups.push(() => service.stop());
  const directoryService = new DirectoryServiceClient({
    region: 'eu-central-1',
    endpoint: service.endpoint,
    credentials: { accessKeyId: 'LOCAL', secretAccessKey: 'local' },
  });
  return { domain, service, directoryService };
}

const logGroupName = '/aws/directoryservice/music';
const settings = [
  { name: 'RC4_128_128', value: 'Disable' },
  { name: 'DES_56_56', value: 'Disable' },
];

test.each([0, 1, 5])(
  'the settings of a directory are made though each change keeps it busy for %d answers',
  async (young) => {
    const { service, directoryService } = await start({ young, dataAccess: 'Disabled' });
    const said: string[] = [];
    const make = () =>
      ensureDirectorySettings({
        directoryId,
        directoryService,
        logGroupName,
        settings,
        progress: (line) => said.push(line),
        // The first pause is a six-hundredth of this; further ones are longer.
        limit: 60_000,
      });
    await make();
    const changes = service.done.filter((operation) => !operation.startsWith('Describe'));
    expect(changes).toEqual(['CreateLogSubscription', 'EnableDirectoryDataAccess', 'UpdateSettings']);
    expect(said).toContain('The settings of the directory are made.');
    if (young > 0) expect(said.join('\n')).toMatch(/^Data access: not yet \(.*\), \d+ s so far\.$/m);
    await make();
    expect(service.done.filter((operation) => operation === 'UpdateSettings')).toHaveLength(1);
  },
);

test('a directory that never becomes ready is reported after the limit', async () => {
  const { directoryService } = await start({ young: 10_000, dataAccess: 'Enabling' });
  const work = ensureDirectorySettings({ directoryId, directoryService, logGroupName, settings, limit: 300 });
  await expect(work).rejects.toThrow('On purpose, or by a rule of the service.');
});

test.each([1, 5])(
  'a user is made in a directory that refuses %d times in each of its ways',
  async (young) => {
    const { domain, service } = await start({ young, staleCalls: young });
    await service.directory.prepare();
    expect(await service.directory.findUser('db-user')).toBeUndefined();
    await service.directory.createUser({ username: 'db-user', owner: 'stack/user' });
    await service.directory.setPassword('db-user', 'Generated1234');
    expect(domain.users.get('db-user')).toEqual({ owner: 'stack/user', password: 'Generated1234' });
    await service.directory.deleteUser('db-user');
    expect(domain.users.size).toBe(0);
  },
);

const answered = (name: string, status: number, reason?: string) =>
  Object.assign(new Error('x'), { name, status, reason });

test.each([
  ['AccessDeniedException', 400, 'DATA_DISABLED', 500_000],
  ['AccessDeniedException', 400, undefined, 60_000],
  ['InsufficientPermissionsException', 400, undefined, 60_000],
  ['DirectoryUnavailableException', 400, 'DIRECTORY_TIMEOUT', 500_000],
  ['ResourceNotFoundException', 404, undefined, 500_000],
  ['UserDoesNotExistException', 400, undefined, 500_000],
  ['ThrottlingException', 400, undefined, 500_000],
  ['TooManyRequestsException', 429, undefined, 500_000],
  ['InternalServerException', 500, undefined, 500_000],
  ['UnknownError', 503, undefined, 500_000],
])('%s (%d, %s) passes after %d ms', (name, status, reason, elapsed) => {
  expect(passesWithTime(answered(name, status, reason), elapsed)).toBe(true);
});

test.each([
  ['AccessDeniedException', 400, undefined, 130_000],
  ['ValidationException', 400, undefined, 0],
  ['InvalidPasswordException', 400, undefined, 0],
  ['ConflictException', 409, undefined, 0],
])('%s (%d, %s) does not pass after %d ms', (name, status, reason, elapsed) => {
  expect(passesWithTime(answered(name, status, reason), elapsed)).toBe(false);
});

test('our own faults do not pass', () => {
  expect(passesWithTime(new TypeError('x is undefined'), 0)).toBe(false);
});

/** A peer that accepts every request but answers only the first few. */
async function startPeer(
  answer: (count: number) => string | undefined,
): Promise<{ url: string; asked(): number }> {
  let count = 0;
  const server = createServer((request, response) => {
    request.resume();
    count += 1;
    const body = answer(count);
    if (body !== undefined) response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked: () => count };
}

const region = 'eu-central-1';
const credentials = { accessKeyId: 'LOCAL', secretAccessKey: 'local' };

test('a service that is silent is asked again, by the SDK with the settings of the functions', async () => {
  const peer = await startPeer((count) => (count > 2 ? '{"RandomPassword":"x"}' : undefined));
  const client = new SecretsManagerClient({
    ...patience,
    requestHandler: { ...patience.requestHandler, requestTimeout: 1000 },
    region,
    credentials,
    endpoint: peer.url,
  });
  expect(await client.send(new GetRandomPasswordCommand())).toMatchObject({ RandomPassword: 'x' });
  expect(peer.asked()).toBe(3);
});

test('a service that is silent is asked again, by our own client, and reported if it stays silent', async () => {
  const peer = await startPeer((count) => (count === 2 ? '{"n":1}' : undefined));
  const client = createJsonClient({
    service: 'x',
    region,
    credentials,
    endpoint: peer.url,
    answerLimit: 1000,
  });
  expect(await client({ body: {} })).toEqual({ n: 1 });
  await expect(client({ body: {} })).rejects.toMatchObject({ name: 'TimeoutError' });
});

test('an answer that is not one of AWS is not taken for an empty one', async () => {
  const peer = await startPeer(() => '<html>');
  const client = createJsonClient({
    service: 'x',
    region,
    credentials,
    endpoint: peer.url,
    // Retries go on for three times as long.
    answerLimit: 3000,
  });
  await expect(client({ body: {} })).rejects.toThrow('is there a proxy in between?');
});
