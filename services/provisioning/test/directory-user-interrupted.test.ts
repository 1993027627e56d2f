import { randomUUID } from 'node:crypto';
import {
  CreateSecretCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterEach, expect, test } from 'vitest';
import {
  provisionDirectoryUser,
  removeDirectoryUser,
  rotateDirectoryUser,
  rotationStep,
  rotationSteps,
} from '../src/index.ts';
import { createMemoryDomain, type MemoryDomain } from './directory-service.ts';
import {
  type Death,
  expectStart,
  type InterruptibleAws,
  rotateDying,
  startInterruptibleAws,
} from './interruptible-aws.ts';

const deaths: readonly Death[] = ['refuse-before', 'refuse-after'];
const cases = deaths.flatMap((how) => [0, 2].map((staleReads) => ({ how, staleReads })));

let aws: InterruptibleAws;
let domain: MemoryDomain;
afterEach(() => aws?.stop());

async function start(staleReads = 0): Promise<void> {
  domain = createMemoryDomain();
  aws = await startInterruptibleAws({
    domain,
    staleReads,
    checkPassword: async (username, password) =>
      domain.users.get(username)?.password === password ? 'accepted' : 'refused',
  });
}

const userOf = (name: string) => ({
  ...aws.options,
  secretId: `secret/${name}`,
  username: name,
  owner: 'stack/user',
});

/** Makes a secret as CloudFormation does: without a next password. */
const makeSecret = (name: string) =>
  new SecretsManagerClient(aws.manager.client).send(
    new CreateSecretCommand({
      Name: `secret/${name}`,
      SecretString: JSON.stringify({
        username: name,
        domainName: 'corp.example.com',
        password: 'Generated1234',
      }),
    }),
  );

test.each(
  cases.flatMap((one) => [
    { ...one, secret: 'of its own' },
    { ...one, secret: "of CloudFormation's" },
  ]),
)(
  'a user is made once wherever it dies: $how, a secret $secret, $staleReads stale reads',
  async ({ how, staleReads, secret }) => {
    await start(staleReads);
    for (let n = 1, died = true; died; n += 1) {
      const name = `user-${n}`;
      if (secret !== 'of its own') await makeSecret(name);
      ({ died } = await aws.dying(n, how, () => provisionDirectoryUser(userOf(name))));
      await provisionDirectoryUser(userOf(name));
      const credentials = await aws.credentials(`secret/${name}`);
      expect(Object.keys(credentials).sort()).toEqual(['domainName', 'nextPassword', 'password', 'username']);
      if (secret !== 'of its own') expect(credentials.password).toBe('Generated1234');
      expect(domain.users.get(name)).toEqual({ owner: 'stack/user', password: credentials.password });
      expect(n).toBeLessThan(60);

      await provisionDirectoryUser(userOf(name));
      expect(await aws.credentials(`secret/${name}`)).toEqual(credentials);
    }
    expect(domain.users.size).toBeGreaterThan(5);
  },
);

test.each(cases)(
  'a rotation arrives at the next password wherever it dies, and tasks start all the while: $how, $staleReads stale reads',
  async ({ how, staleReads }) => {
    await start(staleReads);
    await provisionDirectoryUser(userOf('db-user'));
    let n = 0;
    for (let died = true; died; ) {
      n += 1;
      ({ died } = await rotateDying(aws, 'secret/db-user', n, how));
      expect(n).toBeLessThan(60);
    }
    expect(n).toBeGreaterThan(10);
  },
);

test.each(deaths)(
  'a rotation that died (%s) and is cancelled leaves the next one nothing to mend',
  async (how) => {
    await start();
    await provisionDirectoryUser(userOf('db-user'));
    const secretId = 'secret/db-user';
    for (let n = 1, died = true; died; n += 1) {
      const before = await aws.credentials(secretId);
      const token = randomUUID();
      ({ died } = await aws.dying(n, how, async () => {
        for (const step of rotationSteps) await rotationStep(step, { secretId, token }, aws.options);
      }));
      const finished = (await aws.secrets.holder(secretId, 'AWSCURRENT')) === token;
      if ((await aws.secrets.holder(secretId, 'AWSPENDING')) === token && !finished) {
        await new SecretsManagerClient(aws.manager.client).send(
          new UpdateSecretVersionStageCommand({
            SecretId: secretId,
            VersionStage: 'AWSPENDING',
            RemoveFromVersionId: token,
          }),
        );
        // A late call of the cancelled rotation fails with that reason, and changes nothing.
        await expect(
          rotationStep('finishSecret', { secretId, token }, { ...aws.options, limit: 100 }),
        ).rejects.toThrow('was cancelled; start a new one');
      }
      await expectStart(aws, secretId);
      if (finished) continue;
      await rotateDirectoryUser({ ...aws.options, secretId });
      expect((await aws.credentials(secretId)).password).toBe(before.nextPassword);
      expect(domain.users.get('db-user')?.password).toBe(before.nextPassword);
    }
  },
);

test.each(deaths)('a roll-back deletes the user, wherever its creation died: %s', async (how) => {
  await start();
  await makeSecret('db-user');
  for (let n = 1, died = true; died; n += 1) {
    ({ died } = await aws.dying(n, how, () => provisionDirectoryUser(userOf('db-user'))));
    await removeDirectoryUser(userOf('db-user'));
    expect(domain.users.size).toBe(0);
    expect((await aws.credentials('secret/db-user')).password).toBe('Generated1234');
  }
});

test.each(deaths)('a user is deleted wherever its deletion dies: %s', async (how) => {
  await start();
  for (let n = 1, died = true; died; n += 1) {
    await provisionDirectoryUser(userOf('db-user'));
    ({ died } = await aws.dying(n, how, () => removeDirectoryUser(userOf('db-user'))));
    await removeDirectoryUser(userOf('db-user'));
    expect(domain.users.size).toBe(0);
  }
});

test.each(['throttle', 'cut-before', 'cut-after'] as const)(
  'throttling and lost answers are waited out: %s',
  async (how) => {
    await start();
    const user = userOf('db-user');
    await aws.unsteady(how, () => provisionDirectoryUser(user));
    const first = await aws.credentials(user.secretId);
    expect(domain.users.get('db-user')?.password).toBe(first.password);
    await aws.unsteady(how, () => rotateDirectoryUser(user));
    expect(domain.users.get('db-user')?.password).toBe(first.nextPassword);
    expect(await aws.credentials(user.secretId, 'AWSPREVIOUS')).toEqual(first);
  },
);

test.each(['admin', 'Administrator', 'GUEST', 'krbtgt'])(
  'the directory’s own %s is not taken',
  async (username) => {
    await start();
    const work = provisionDirectoryUser({ ...userOf('db-user'), username, adopt: true });
    await expect(work).rejects.toThrow('choose another name');
    expect(domain.users.size).toBe(0);
  },
);

test.each([
  ['of strangers', 'Room 5', false],
  ['of another environment', '222222222222/eu-central-1/music-staging', false],
  ['of another environment', '222222222222/eu-central-1/music-staging', true],
])(
  'a user %s (%s) keeps its password, and no secret is written for it: adopt %s',
  async (_, owner, adopt) => {
    await start();
    await domain.createUser({ username: 'db-user', owner });
    await domain.setPassword('db-user', 'Their own 1');
    const mine = { ...userOf('db-user'), owner: '222222222222/eu-central-1/music-production', adopt };
    await expect(provisionDirectoryUser(mine)).rejects.toThrow(/choose another name/);
    expect(domain.users.get('db-user')).toEqual({ owner, password: 'Their own 1' });
    expect(await aws.credentials(mine.secretId)).toEqual({});
    expect(await removeDirectoryUser(mine)).toBe('left');
  },
);

test('an environment that is created again keeps its user', async () => {
  await start();
  const mine = { ...userOf('db-user'), owner: '222222222222/eu-central-1/music-production' };
  expect(await provisionDirectoryUser(mine)).toMatchObject({ outcome: 'created' });
  expect(await provisionDirectoryUser(mine)).toMatchObject({ outcome: 'kept' });
});

test('a late repetition of an old rotation does not bring its password back', async () => {
  await start();
  const user = userOf('db-user');
  await provisionDirectoryUser(user);
  const old = await rotateDirectoryUser(user);
  await rotateDirectoryUser(user);
  const now = await aws.credentials(user.secretId);
  for (const step of rotationSteps) {
    await rotationStep(step, { secretId: user.secretId, token: old }, { ...aws.options, limit: 100 }).catch(
      (error: Error) => expect(error.message).toContain('was cancelled'),
    );
  }
  expect(await aws.credentials(user.secretId)).toEqual(now);
  expect(domain.users.get('db-user')?.password).toBe(now.password);
});
