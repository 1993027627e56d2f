import { execFileSync } from 'node:child_process';
import {
  DeleteSecretCommand,
  GetRandomPasswordCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SecretsManager, startSecretsManager } from '../../../../local/secrets-manager/index.ts';
import { createAwsSecrets } from './aws-secrets.ts';
import { newPassword, parseCredentials } from './credentials.ts';
import { CURRENT, PENDING, type Secrets, type SecretVersion } from './secrets.ts';

let manager: SecretsManager;
let secrets: Secrets;
beforeAll(async () => {
  manager = await startSecretsManager();
  secrets = createAwsSecrets(new SecretsManagerClient(manager.client));
});
afterAll(() => manager?.stop());

/** The secrets of the same service, whose refusals have a different text. */
function inOtherWords(message: string): Secrets {
  const client = new SecretsManagerClient(manager.client);
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        (error as Error).message = message;
        throw error;
      }
    },
    { step: 'initialize' },
  );
  return createAwsSecrets(client);
}

test.each([
  'You provided a VersionStage that is not associated to the provided VersionId.',
  'The version does not have this label.',
  'Die Version hat diese Bezeichnung nicht.',
  '',
])(
  'a version without the label is recognized by its labels, whatever the refusal says: %j',
  async (words) => {
    const other = inOtherWords(words);
    const name = `labels-${words.length}`;
    await secrets.create(name, 'value');
    const current = (await secrets.read(name, { stage: CURRENT })) as SecretVersion;
    expect(await other.read(name, { ...current, stage: PENDING })).toBeUndefined();
    expect(await other.read(name, { ...current, stage: CURRENT })).toEqual(current);
  },
);

test('a request refused for another reason is an error', async () => {
  await secrets.create('deleted', 'value');
  const current = (await secrets.read('deleted', { stage: CURRENT })) as SecretVersion;
  await new SecretsManagerClient(manager.client).send(new DeleteSecretCommand({ SecretId: 'deleted' }));
  for (const words of ['You provided a VersionStage of a secret that is marked for deletion.', 'gelöscht']) {
    const read = inOtherWords(words).read('deleted', { ...current, stage: CURRENT });
    await expect(read).rejects.toMatchObject({ name: 'InvalidRequestException', message: words });
  }
});

const userNames = fc.stringMatching(/^[A-Za-z0-9][\w.-]{0,19}$/);

test('a password meets the policy of a directory, whoever it is for', async () => {
  await fc.assert(
    fc.asyncProperty(userNames, async (username) => {
      const password = await newPassword(secrets, username);
      // Three kinds of characters, and no part of the name longer than two characters ([MS-SAMR] 3.1.1.7.2).
      expect(password).toMatch(/^(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])[A-Za-z0-9]{40}$/);
      for (const part of username.split(/[,.\-_ #\t]/).filter(({ length }) => length > 2)) {
        expect(password.toLowerCase()).not.toContain(part.toLowerCase());
      }
    }),
    { numRuns: 200 },
  );
});

test('a password that contains the name is discarded', async () => {
  const offered = ['xxDB-user1A', 'xx1userXX', 'A1b2C3d4E5'];
  const choosy = { randomPassword: async () => offered.shift() ?? '' } as unknown as Secrets;
  expect(await newPassword(choosy, 'db-user')).toBe('A1b2C3d4E5');
});

test('it passes through a shell, an environment file, JSON and a URL as it is', async () => {
  for (let time = 0; time < 20; time += 1) {
    const password = await newPassword(secrets, 'db-user');
    // Unquoted on purpose, so that blanks, globs and expansions would show.
    expect(execFileSync('sh', ['-c', `printf %s ${password}`]).toString()).toBe(password);
    const sourced = execFileSync('sh', ['-c', 'eval "$(cat)"; printf %s "$PASSWORD"'], {
      input: `PASSWORD=${password}`,
    });
    expect(sourced.toString()).toBe(password);
    expect(JSON.stringify(password)).toBe(`"${password}"`);
    expect(encodeURIComponent(password)).toBe(password);
  }
});

test('the password that the template asks for is of the same kind', async () => {
  const { RandomPassword = '' } = await new SecretsManagerClient(manager.client).send(
    new GetRandomPasswordCommand({ PasswordLength: 40, ExcludePunctuation: true }),
  );
  expect(RandomPassword).toMatch(/^[A-Za-z0-9]{40}$/);
});

test.each([
  ['no JSON', 'hunter2', 'whole'],
  ['a list', '["hunter2"]', 'whole'],
  ['no password', '{"username":"hunter2","domainName":"corp.example.com"}', 'password'],
  [
    'an empty next password',
    '{"username":"hunter2","password":"x","nextPassword":"","domainName":"c"}',
    'nextPassword',
  ],
])('a secret with %s is reported by its key, without its value', (_, value, key) => {
  const failure = (() => {
    try {
      return parseCredentials('secret/db-user', value);
    } catch (error) {
      return (error as Error).message;
    }
  })();
  expect(failure).toMatch(
    new RegExp(`^The secret secret/db-user is not of the form .* \\(${key}\\): correct it`),
  );
  expect(failure).not.toContain('hunter2');
});

test('unknown keys in the secret are kept', () => {
  const value = '{"username":"u","password":"p","domainName":"d","owner":"us"}';
  expect(parseCredentials('s', value)).toEqual({
    username: 'u',
    password: 'p',
    domainName: 'd',
    owner: 'us',
  });
});
