import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RotateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Domain, startDomain } from '../../../local/directory/domain.ts';
import { claimLoopbackNetwork, type LoopbackNetwork } from '../../../local/directory/loopback-network.ts';
import { createSambaDirectory } from '../../../local/directory/samba-directory.ts';
import { type SecretsManager, startSecretsManager } from '../../../local/secrets-manager/index.ts';
import {
  createAwsSecrets,
  createPasswordCheck,
  type Directory,
  provisionDirectoryUser,
  type RotationOptions,
  removeDirectoryUser,
  rotateDirectoryUser,
  rotationStep,
  type Secrets,
} from '../src/index.ts';

const secretId = 'rehearsal/db-user';
const user = { secretId, username: 'db-user', owner: 'rehearsal' };

let network: LoopbackNetwork;
let state: string;
let domain: Domain;
let manager: SecretsManager;
let directory: Directory;
let secrets: Secrets;
let rotation: RotationOptions & { readonly directory: Directory };

beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), 'directory-user-'));
  network = await claimLoopbackNetwork();
  [domain, manager] = await Promise.all([
    startDomain({ network, stateDirectory: state }),
    startSecretsManager({
      rotate: ({ Step, SecretId, ClientRequestToken }) =>
        rotationStep(Step, { secretId: SecretId, token: ClientRequestToken }, rotation),
    }),
  ]);
  directory = createSambaDirectory(domain);
  secrets = createAwsSecrets(new SecretsManagerClient(manager.client));
  const checkPassword = createPasswordCheck({ realm: domain.realm, kdcs: domain.kdcs });
  rotation = { directory, secrets, checkPassword, limit: 6000 };
});
afterAll(async () => {
  await manager?.stop();
  await domain?.dispose();
  await network?.release();
  await rm(state, { recursive: true, force: true });
});

async function credentials(stage = 'AWSCURRENT') {
  const version = await secrets.read(secretId, { stage });
  return JSON.parse(version?.value ?? '{}') as Record<
    'username' | 'password' | 'nextPassword' | 'passwordChangedAt',
    string
  >;
}

/** Signs in as the sidecar does. */
async function kinit(password: string): Promise<boolean> {
  const env = { ...domain.environment, KRB5CCNAME: `FILE:${join(state, 'ccache')}` };
  return (await execa('kinit', ['db-user'], { env, input: password, reject: false })).exitCode === 0;
}

test('a user is made with the password of its secret; again, nothing changes', async () => {
  expect(await provisionDirectoryUser({ ...rotation, ...user })).toMatchObject({ outcome: 'created' });
  const first = await credentials();
  expect(first.password).toMatch(/^[A-Za-z0-9]{40}$/);
  expect(await kinit(first.password)).toBe(true);

  expect(await provisionDirectoryUser({ ...rotation, ...user })).toMatchObject({ outcome: 'kept' });
  expect(await credentials()).toEqual(first);
  expect(await kinit(first.password)).toBe(true);
});

test('a rotation sets the next password, which the old version contains', async () => {
  const before = await credentials();
  await rotateDirectoryUser({ ...rotation, secretId });
  const after = await credentials();
  expect(after.password).toBe(before.nextPassword);
  expect(await kinit(after.password)).toBe(true);
  expect(await kinit(before.password)).toBe(false);
  expect(Date.now() - Date.parse(after.passwordChangedAt)).toBeLessThan(60_000);
  expect(await credentials('AWSPREVIOUS')).toEqual(before);
});

test('at each step of a rotation a starting task can sign in with the version it was given', async () => {
  let starts = 0;
  const startTask = async (given: { password: string; nextPassword: string }) => {
    starts += 1;
    return (await kinit(given.password)) || (await kinit(given.nextPassword));
  };
  const longAgo = await credentials();
  const observed: Directory = {
    ...directory,
    async setPassword(username, password) {
      expect(await startTask(await credentials())).toBe(true);
      await directory.setPassword(username, password);
      expect(await startTask(await credentials())).toBe(true);
    },
  };
  await rotateDirectoryUser({
    ...rotation,
    directory: observed,
    secretId,
    announce: async () => expect(await startTask(await credentials())).toBe(true),
  });
  expect(await startTask(longAgo)).toBe(true);
  expect(starts).toBe(4);
});

test('Secrets Manager drives the same steps by RotateSecret', async () => {
  const before = await credentials();
  const client = new SecretsManagerClient(manager.client);
  await client.send(
    new RotateSecretCommand({
      SecretId: secretId,
      RotationLambdaARN: 'arn:aws:lambda:local:0:function:rotate',
    }),
  );
  await manager.rotations();
  expect((await credentials()).password).toBe(before.nextPassword);
  expect(await kinit(before.nextPassword)).toBe(true);
});

test("a user of others' is refused, taken over when the configuration says so, and not deleted", async () => {
  await domain.createUser('old-user', 'Some old password 1');
  const old = { ...rotation, username: 'old-user', owner: 'rehearsal', secretId: 'rehearsal/old-user' };
  await expect(provisionDirectoryUser(old)).rejects.toThrow(
    /^The user old-user of \S+ was made by others: choose another name \(domain.user\), or, .* \(domain.adoptUser: true\)/,
  );
  expect(await provisionDirectoryUser({ ...old, adopt: true })).toMatchObject({ outcome: 'adopted' });
  expect(await removeDirectoryUser(old)).toBe('left');
  expect(await directory.findUser('old-user')).toBeDefined();
});

test('its own user is deleted; a second time there is nothing to do', async () => {
  expect(await removeDirectoryUser({ ...rotation, ...user })).toBe('deleted');
  expect(await directory.findUser('db-user')).toBeUndefined();
  expect(await removeDirectoryUser({ ...rotation, ...user })).toBe('left');
});
