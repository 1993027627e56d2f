import { randomUUID } from 'node:crypto';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AccountUnusableError } from '../src/directory/password-check.ts';
import {
  provisionDirectoryUser,
  type RotationStep,
  rotateDirectoryUser,
  rotationStep,
  rotationSteps,
  unlockDirectoryUser,
} from '../src/index.ts';
import { createMemoryDomain, type MemoryDomain } from './directory-service.ts';
import { type InterruptibleAws, startInterruptibleAws } from './interruptible-aws.ts';

let domain: MemoryDomain;
let aws: InterruptibleAws;
let locked: boolean;
const secretId = 'secret/db-user';
const user = () => ({ ...aws.options, secretId, username: 'db-user', owner: 'stack/user' });
const passwordOf = () => domain.users.get('db-user')?.password;

beforeEach(async () => {
  locked = false;
  domain = createMemoryDomain();
  aws = await startInterruptibleAws({
    domain: {
      ...domain,
      async unlock() {
        locked = false;
      },
    },
    lockoutTimeMayBeWritten: true,
    checkPassword: async (username, password) => {
      if (locked) throw new AccountUnusableError(`${username} is locked.`);
      return domain.users.get(username)?.password === password ? 'accepted' : 'refused';
    },
  });
});
afterEach(() => aws.stop());

test('a rotation of a locked account does not begin: directory and secret are as they were', async () => {
  await provisionDirectoryUser(user());
  const before = await aws.credentials(secretId);
  locked = true;
  await expect(rotateDirectoryUser(user())).rejects.toThrow('db-user is locked.');
  expect(await aws.credentials(secretId)).toEqual(before);
  expect(await aws.secrets.holder(secretId, 'AWSPENDING')).toBeUndefined();
  expect(passwordOf()).toBe(before.password);

  expect(await unlockDirectoryUser(user())).toBe('db-user');
  await rotateDirectoryUser(user());
  expect(passwordOf()).toBe(before.nextPassword);
});

test('an account that is locked during a rotation still gets the new password of its secret', async () => {
  await provisionDirectoryUser(user());
  const warnings: string[] = [];
  const { directory } = aws.options;
  const locking = {
    ...directory,
    async setPassword(username: string, password: string) {
      await directory.setPassword(username, password);
      locked = true;
    },
  };
  await rotateDirectoryUser({ ...user(), directory: locking, warn: (line) => warnings.push(line) });
  expect((await aws.credentials(secretId)).password).toBe(passwordOf());
  expect(warnings).toEqual(['The rotation goes on, but db-user is locked.']);
});

test('unlocking sets the current password, so that directory and secret agree whatever their state was', async () => {
  await provisionDirectoryUser(user());
  await domain.setPassword('db-user', 'Somebody 1 set this');
  locked = true;
  const said: string[] = [];
  await unlockDirectoryUser({ ...user(), progress: (line) => said.push(line) });
  expect(passwordOf()).toBe((await aws.credentials(secretId)).password);
  expect(said.at(-1)).toBe('db-user can sign in.');
  expect(said.join()).not.toContain(passwordOf());
});

test('a lock that the directory does not allow to be lifted is reported, with the time after which it ends', async () => {
  await provisionDirectoryUser(user());
  const stubborn = { ...aws.options.directory, unlock: async () => {} };
  locked = true;
  await expect(unlockDirectoryUser({ ...user(), directory: stubborn })).rejects.toThrow(
    /^db-user is still locked or disabled: a lock ends by itself after the time .* \(30 minutes by default\)/,
  );
});

test('a password that is refused is tried three times at most: five lock the account', async () => {
  await provisionDirectoryUser(user());
  let tried = 0;
  const checkPassword = async () => {
    tried += 1;
    return 'refused' as const;
  };
  const work = provisionDirectoryUser({ ...user(), checkPassword, limit: 300 });
  await expect(work).rejects.toThrow('refuses the password of db-user that was just set');
  expect(tried).toBeLessThanOrEqual(3);
});

test('a failed announcement is repeated by the last step, and by no other', async () => {
  await provisionDirectoryUser(user());
  const token = randomUUID();
  let works = false;
  const announced: string[] = [];
  const announce = async ({ versionId }: { readonly versionId: string }) => {
    if (!works) throw new Error('the bus is away');
    announced.push(versionId);
  };
  const run = async () => {
    for (const step of rotationSteps) await rotationStep(step, { secretId, token }, { ...user(), announce });
  };
  await expect(run()).rejects.toThrow('the bus is away');
  const after = await aws.credentials(secretId);
  works = true;
  await run();
  expect(announced).toEqual([token]);
  expect(await aws.credentials(secretId)).toEqual(after);
});

test('a pending version that another attempt wrote and this one could not see yet is used as it is', async () => {
  await provisionDirectoryUser(user());
  const { secrets } = aws.options;
  const token = randomUUID();
  const step = (which: RotationStep, more = {}) =>
    rotationStep(which, { secretId, token }, { ...user(), ...more });
  await step('createSecret');
  const put = await aws.credentials(secretId, 'AWSPENDING');
  const blind: typeof secrets = {
    ...secrets,
    read: async (id, which) => (which.versionId === token ? undefined : secrets.read(id, which)),
  };
  await step('createSecret', { secrets: blind });
  expect(await aws.credentials(secretId, 'AWSPENDING')).toEqual(put);
  for (const which of rotationSteps.slice(1)) await step(which);
  expect(passwordOf()).toBe(put.password);
});

test('if a rotation runs while the user is being made, its password is the one that stays', async () => {
  const { directory } = aws.options;
  let rotated = false;
  const overtaken = {
    ...directory,
    async setPassword(username: string, password: string) {
      if (!rotated) await rotateDirectoryUser(user());
      rotated = true;
      await directory.setPassword(username, password);
    },
  };
  await provisionDirectoryUser({ ...user(), directory: overtaken });
  expect(passwordOf()).toBe((await aws.credentials(secretId)).password);
});

test('a directory that refuses the attribute is not an error', async () => {
  const other = await startInterruptibleAws({ domain, checkPassword: async () => 'accepted' });
  await provisionDirectoryUser({ ...other.options, secretId, username: 'db-user', owner: 'stack/user' });
  expect(await unlockDirectoryUser({ ...other.options, secretId })).toBe('db-user');
  await other.stop();
});

test.each([
  ["holds the user's name", 'xxDB-userXX123456'],
  ['holds a part of it', 'xxUSERxx123456'],
  ['has two kinds of characters', 'nothingbutsmall1234'],
])(
  'a first password that %s, as CloudFormation may generate it, is replaced before it is set',
  async (_, password) => {
    const value = { username: 'db-user', domainName: 'corp.example.com', password };
    const client = new SecretsManagerClient(aws.manager.client);
    await client.send(new CreateSecretCommand({ Name: secretId, SecretString: JSON.stringify(value) }));
    await provisionDirectoryUser(user());
    const now = await aws.credentials(secretId);
    expect(now.password).not.toBe(password);
    expect(passwordOf()).toBe(now.password);
  },
);
