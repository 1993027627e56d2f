import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import {
  DescribeSecretCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { passwordRotatedEvent } from '@packages/contracts';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Domain, startDomain } from '../../../local/directory/domain.ts';
import { claimLoopbackNetwork, type LoopbackNetwork } from '../../../local/directory/loopback-network.ts';
import { createSambaDirectory } from '../../../local/directory/samba-directory.ts';
import { type SecretsManager, startSecretsManager } from '../../../local/secrets-manager/index.ts';
import { bundledHandler } from '../../../local/testing/provisioning-bundle.ts';
import {
  createAwsSecrets,
  createPasswordCheck,
  type PasswordCheck,
  provisionDirectoryUser,
  type Secrets,
} from '../src/index.ts';
import { type DirectoryService, directoryId, startDirectoryService } from './directory-service.ts';

let network: LoopbackNetwork;
let state: string;
let domain: Domain;
let service: DirectoryService;
let manager: SecretsManager;
let secrets: Secrets;
let checkPassword: PasswordCheck;
let rotate: (event: object) => Promise<unknown>;
const secretId = 'db-user';
const otherSecretId = 'test/worker-user';

/** EventBridge, which can refuse an event. */
const events: { readonly Detail: string; readonly Source: string; readonly DetailType: string }[] = [];
let untaken = 0;
const eventBridge = createServer(async (request, response) => {
  const { Entries } = (await json(request)) as { Entries: typeof events };
  expect(request.headers['x-amz-target']).toBe('AWSEvents.PutEvents');
  const failed = untaken > 0;
  untaken -= 1;
  if (!failed) events.push(...Entries);
  response.end(JSON.stringify({ FailedEntryCount: failed ? 1 : 0, Entries: [{}] }));
});

beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), 'deployed-rotation-'));
  network = await claimLoopbackNetwork();
  domain = await startDomain({ network, stateDirectory: state });
  service = await startDirectoryService({
    domain: createSambaDirectory(domain),
    lockoutTimeMayBeWritten: true,
  });
  manager = await startSecretsManager({ rotate: async (event) => void (await rotate(event)) });
  secrets = createAwsSecrets(new SecretsManagerClient(manager.client));
  checkPassword = createPasswordCheck({ realm: domain.realm, kdcs: domain.kdcs });
  await new Promise<void>((resolve) => eventBridge.listen(0, '127.0.0.1', resolve));
  await provisionDirectoryUser({
    directory: service.directory,
    secrets,
    secretId,
    username: 'db-user',
    owner: 'stack/user',
  });
  await provisionDirectoryUser({
    directory: service.directory,
    secrets,
    secretId: otherSecretId,
    username: 'worker-user',
    owner: 'stack/worker-user',
  });
  const { arn } = await found();
  const { arn: otherArn } = await found(otherSecretId);
  const environment = {
    ...manager.environment,
    AWS_ENDPOINT_URL_DIRECTORY_SERVICE: service.endpoint,
    AWS_ENDPOINT_URL_DIRECTORY_SERVICE_DATA: service.endpoint,
    AWS_ENDPOINT_URL_EVENTBRIDGE: `http://127.0.0.1:${(eventBridge.address() as AddressInfo).port}`,
    DIRECTORY_ID: directoryId,
    DOMAIN_NAME: domain.name,
    // The first address does not answer, so the next one is tried.
    DOMAIN_CONTROLLERS: [network.address(11), ...domain.kdcs].join(','),
    USER_SECRETS: `db-user=${arn},worker-user=${otherArn}`,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  rotate = await bundledHandler(join(state, 'bundle'), 'directory-user-rotation');
  vi.spyOn(console, 'log').mockImplementation(() => {});
});
afterAll(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  eventBridge.close();
  await manager?.stop();
  await service?.stop();
  await domain?.dispose();
  await network?.release();
  await rm(state, { recursive: true, force: true });
});

const client = () => new SecretsManagerClient(manager.client);
async function found(id = secretId) {
  const { ARN = '' } = await client().send(new DescribeSecretCommand({ SecretId: id }));
  const version = await secrets.read(id, { stage: 'AWSCURRENT' });
  return { arn: ARN, versionId: version?.versionId, ...JSON.parse(version?.value ?? '{}') };
}

test('the deployed function rotates the password of a user of a real domain, and announces it', async () => {
  const before = await found();
  await client().send(new RotateSecretCommand({ SecretId: secretId, RotationLambdaARN: 'arn:of:function' }));
  await manager.rotations();
  const after = await found();
  expect(after.password).toBe(before.nextPassword);
  expect(await checkPassword('db-user', after.password)).toBe('accepted');
  expect(events).toMatchObject([
    { Source: passwordRotatedEvent.source, DetailType: passwordRotatedEvent.detailType },
  ]);
  expect(JSON.parse(events[0]?.Detail ?? '')).toEqual({ secretArn: after.arn, versionId: after.versionId });
});

test('the same function rotates the password of another user, and leaves the first one alone', async () => {
  const [before, other] = [await found(), await found(otherSecretId)];
  events.length = 0;
  await client().send(
    new RotateSecretCommand({ SecretId: otherSecretId, RotationLambdaARN: 'arn:of:function' }),
  );
  await manager.rotations();
  const after = await found(otherSecretId);
  expect(after.password).toBe(other.nextPassword);
  expect(await checkPassword('worker-user', after.password)).toBe('accepted');
  expect(await found()).toEqual(before);
  expect(await checkPassword('db-user', before.password)).toBe('accepted');
  expect(events.map(({ Detail }) => JSON.parse(Detail ?? ''))).toEqual([
    { secretArn: after.arn, versionId: after.versionId },
  ]);
});

test('a refused event is sent again, and nothing is rotated twice', async () => {
  const before = await found();
  events.length = 0;
  untaken = 1;
  await client().send(new RotateSecretCommand({ SecretId: secretId }));
  await manager.rotations();
  expect((await found()).password).toBe(before.nextPassword);
  expect(events).toHaveLength(1);
});

test('an account locked by guessing is reported before anything is changed, and unlocked with one call', async () => {
  const before = await found();
  await domain.samba(['domain', 'passwordsettings', 'set', '--account-lockout-threshold=3']);
  for (let guess = 0; guess < 3; guess += 1) await checkPassword('db-user', 'A wrong guess 1');
  const event = { Step: 'createSecret', SecretId: before.arn, ClientRequestToken: randomUUID() };
  await expect(rotate(event)).rejects.toThrow(
    /^createSecret: Kerberos does not let db-user@\S+ sign in\. .*Unlock/,
  );
  expect(await found()).toEqual(before);

  await expect(rotate({ Action: 'unlock', User: 'dba' })).rejects.toThrow(
    /^unlock: dba is no user of a service here: those are db-user, worker-user\.$/,
  );
  expect(await rotate({ Action: 'unlock', User: 'db-user' })).toEqual({ message: 'db-user can sign in.' });
  expect(await checkPassword('db-user', before.password)).toBe('accepted');
  await client().send(new RotateSecretCommand({ SecretId: secretId }));
  await manager.rotations();
  expect((await found()).password).toBe(before.nextPassword);
});

test('another secret, and a failure of AWS, are each reported in one sentence', async () => {
  const event = { Step: 'setSecret', SecretId: 'arn:of:another', ClientRequestToken: 'x' };
  await expect(rotate(event)).rejects.toThrow(
    /^setSecret: This function rotates arn:\S+, arn:\S+ alone, not arn:of:an/,
  );
  const gone = 'arn:aws:secretsmanager:eu-central-1:000000000000:secret:gone-123456';
  vi.stubEnv('USER_SECRETS', `db-user=${gone}`);
  await expect(rotate({ ...event, SecretId: gone })).rejects.toThrow(
    /^setSecret: ResourceNotFoundException: .*; check that the secret exists in this region\.$/,
  );
});
