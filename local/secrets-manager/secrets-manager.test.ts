import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetRandomPasswordCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterEach, expect, test } from 'vitest';
import type { RotationEvent } from './rotation.ts';
import { type SecretsManagerOptions, startSecretsManager } from './server.ts';

const tokens = ['first', 'second', 'third'].map((word) => word.padEnd(32, '-'));
const [first = '', second = '', third = ''] = tokens;
const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function started(options: SecretsManagerOptions = {}) {
  const service = await startSecretsManager(options);
  cleanups.push(() => service.stop());
  const client = new SecretsManagerClient(service.client);
  const create = (SecretString = 'one') =>
    client.send(new CreateSecretCommand({ Name: 's', SecretString, ClientRequestToken: first }));
  const put = (ClientRequestToken: string, SecretString: string, VersionStages?: string[]) =>
    client.send(
      new PutSecretValueCommand({ SecretId: 's', ClientRequestToken, SecretString, VersionStages }),
    );
  const get = async (VersionStage?: string) =>
    (await client.send(new GetSecretValueCommand({ SecretId: 's', VersionStage }))).SecretString;
  const stages = async () =>
    (await client.send(new DescribeSecretCommand({ SecretId: 's' }))).VersionIdsToStages;
  return { service, client, create, put, get, stages };
}

test('a put moves AWSCURRENT, and AWSPREVIOUS follows', async () => {
  const { create, put, get, stages } = await started();
  await create();
  await put(second, 'two');
  await put(third, 'three');
  expect(await get()).toBe('three');
  expect(await get('AWSPREVIOUS')).toBe('two');
  expect(await stages()).toEqual({ [third]: ['AWSCURRENT'], [second]: ['AWSPREVIOUS'] });
});

test('a repeated token is accepted with the same value and refused with another', async () => {
  const { create, put, get } = await started();
  const { ARN } = await create();
  expect((await create()).ARN).toBe(ARN);
  await expect(create('other')).rejects.toMatchObject({ name: 'ResourceExistsException' });
  await put(second, 'two', ['AWSPENDING']);
  await put(second, 'two', ['AWSPENDING']);
  await expect(put(second, 'other')).rejects.toMatchObject({ name: 'ResourceExistsException' });
  expect(await get()).toBe('one');
});

test('a label moves only if the request names the version that has it', async () => {
  const { client, create, put, get } = await started();
  await create();
  await put(second, 'two', ['AWSPENDING']);
  const move = (RemoveFromVersionId?: string) =>
    client.send(
      new UpdateSecretVersionStageCommand({
        SecretId: 's',
        VersionStage: 'AWSCURRENT',
        MoveToVersionId: second,
        RemoveFromVersionId,
      }),
    );
  await expect(move()).rejects.toMatchObject({ name: 'InvalidParameterException' });
  await move(first);
  expect(await get()).toBe('two');
  expect(await get('AWSPREVIOUS')).toBe('one');
});

test('a missing secret, or one scheduled for deletion, cannot be read', async () => {
  const { client, create, get } = await started();
  await expect(get()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  await create();
  await expect(get('AWSPENDING')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  await client.send(new DeleteSecretCommand({ SecretId: 's' }));
  await expect(get()).rejects.toMatchObject({ name: 'InvalidRequestException' });
  await expect(create()).rejects.toMatchObject({ name: 'InvalidRequestException' });
});

test('a rotation begins with an empty pending version and calls the four steps', async () => {
  const seen: RotationEvent[] = [];
  const { service, client, create, get } = await started({
    rotate: async (event) => {
      seen.push(event);
      if (seen.length === 2) throw new Error('died');
    },
  });
  const { ARN } = await create();
  const request = { SecretId: 's', ClientRequestToken: second };
  await expect(client.send(new RotateSecretCommand(request))).rejects.toThrow('No Lambda rotation function');
  await client.send(new RotateSecretCommand({ ...request, RotationLambdaARN: 'arn:of:function' }));
  await service.rotations();
  await expect(get('AWSPENDING')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  expect(seen.map(({ Step }) => Step)).toEqual([
    'createSecret',
    'setSecret',
    ...['createSecret', 'setSecret', 'testSecret', 'finishSecret'],
  ]);
  expect(seen[0]).toMatchObject({ SecretId: ARN, ClientRequestToken: second });
  await expect(
    client.send(new RotateSecretCommand({ SecretId: 's', ClientRequestToken: third })),
  ).rejects.toThrow("previous rotation isn't complete");
});

test('the SDK recovers from throttling, a fault of the service and a broken connection', async () => {
  const { create, put, get } = await started({
    faults: ({ number }) => (['throttle', 'unavailable', undefined, 'cut-after'] as const)[number - 1],
  });
  await create();
  await put(second, 'two');
  expect(await get('AWSPREVIOUS')).toBe('one');
});

test('reads lag behind writes if `staleReads` is set', async () => {
  const { create, put, get } = await started({ staleReads: 1 });
  await create();
  await get().catch(() => {});
  await put(second, 'two');
  expect(await get()).toBe('one');
  expect(await get()).toBe('two');
});

test('a caller without its access key gets nothing', async () => {
  const { service, create } = await started();
  await create();
  const credentials = { accessKeyId: 'guessed', secretAccessKey: 'guessed' };
  const stranger = new SecretsManagerClient({ ...service.client, credentials });
  await expect(stranger.send(new GetSecretValueCommand({ SecretId: 's' }))).rejects.toMatchObject({
    name: 'UnrecognizedClientException',
  });
});

test('secrets survive a restart in a file that only its owner can read', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'secrets-'));
  cleanups.push(() => rm(folder, { recursive: true }));
  const file = join(folder, 'secrets.json');
  const before = await started({ file });
  await before.create();
  await before.service.stop();
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await (await started({ file })).get()).toBe('one');
});

test('random passwords contain each requested type and no excluded characters', async () => {
  const { client } = await started();
  const { RandomPassword = '' } = await client.send(
    new GetRandomPasswordCommand({ PasswordLength: 64, ExcludePunctuation: true, ExcludeCharacters: 'abc' }),
  );
  expect(RandomPassword).toMatch(/^[A-Zd-z0-9]{64}$/);
  expect(RandomPassword).toMatch(/[A-Z].*/);
  expect(RandomPassword).toMatch(/[d-z]/);
  expect(RandomPassword).toMatch(/[0-9]/);
});
