import {
  CreateSecretCommand,
  DescribeSecretCommand,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import {
  createAwsSecrets,
  createPasswordCheck,
  provisionDirectoryUser,
  rotateDirectoryUser,
} from '@services/provisioning';
import { describe, expect } from 'vitest';
import { createSambaDirectory } from '../../../../local/directory/samba-directory.ts';
import { test as base, type TestSecrets } from '../sidecar-test.ts';
import { password } from '../test-domain.ts';

const newPassword = 'New pass word 2';

/** `fetching` starts a sidecar that fetches a secret. */
const test = base.extend('fetching', ({ start, secrets }) => {
  return (user: string, arn: string) =>
    start({
      name: `fetching-${user}`,
      user,
      environment: {
        ...secrets.environment,
        CREDENTIALS: undefined,
        CREDENTIALS_SECRET_ARN: arn,
        SECRET_CHECK_SECONDS: '3',
        METRICS_INTERVAL: '1',
      },
    });
});

async function arnOf({ sdk }: TestSecrets, name: string) {
  return (await sdk.send(new DescribeSecretCommand({ SecretId: name }))).ARN;
}

async function createSecret({ sdk }: TestSecrets, user: string) {
  const secret = await sdk.send(new CreateSecretCommand({ Name: user, SecretString: json(user, password) }));
  return { arn: secret.ARN as string, versionId: secret.VersionId as string };
}

export const fetchedCredentialsTests = () =>
  describe('with a secret that it fetches', () => {
    test('follows a rotation from step to step and is healthy all the time', async ({
      directory,
      secrets,
      fetching,
    }) => {
      const user = await directory.user('steps');
      const { arn, versionId } = await createSecret(secrets, user);
      const running = await fetching(user, arn);
      await running.state('healthy');
      expect(running.events).toContainEqual(
        expect.objectContaining({ event: 'tgt.obtained', origin: 'AWSCURRENT' }),
      );

      // createSecret: there is a pending version; the directory and AWSCURRENT still have the old password.
      const pending = await secrets.sdk.send(
        new PutSecretValueCommand({
          SecretId: arn,
          SecretString: json(user, newPassword),
          VersionStages: ['AWSPENDING'],
        }),
      );
      running.signal('SIGHUP');
      await running.next('tgt.obtained', ({ origin }) => origin === 'AWSCURRENT');

      // setSecret: the directory has the new password, AWSCURRENT does not yet.
      await directory.domain.setPassword(user, newPassword);
      running.signal('SIGHUP');
      await running.next('password.refused', ({ origin }) => origin === 'AWSCURRENT');
      await running.next('password.other-version', ({ origin }) => origin === 'AWSPENDING');

      // finishSecret: AWSCURRENT moves, and the sidecar notices without help.
      await secrets.sdk.send(
        new UpdateSecretVersionStageCommand({
          ...{ SecretId: arn, VersionStage: 'AWSCURRENT' },
          ...{ MoveToVersionId: pending.VersionId, RemoveFromVersionId: versionId },
        }),
      );
      await running.next('secret.changed');
      await running.next('tgt.obtained', ({ origin }) => origin === 'AWSCURRENT');
      await running.next('ticket.published');
      const states = running.events.filter(({ event }) => event === 'state.changed').map(({ to }) => to);
      expect(states).toEqual(['starting', 'healthy']);
      expect(running.text).not.toContain('ticket.renewal-failed');
    });

    test('stays healthy while the deployed code rotates its secret twice, and asks for no other version', async ({
      directory,
      secrets,
      fetching,
    }) => {
      const { domain } = directory;
      const user = 'deployed';
      const store = createAwsSecrets(secrets.sdk);
      const options = {
        directory: createSambaDirectory(domain),
        secrets: store,
        checkPassword: createPasswordCheck({ realm: domain.realm, kdcs: domain.kdcs }),
        secretId: user,
      };
      await provisionDirectoryUser({ ...options, username: user, owner: 'test' });
      const running = await fetching(user, (await arnOf(secrets, user)) as string);
      await running.state('healthy');
      for (let rotation = 0; rotation < 2; rotation++) {
        await rotateDirectoryUser({
          ...options,
          directory: {
            ...options.directory,
            async setPassword(username, password) {
              await options.directory.setPassword(username, password);
              // Between setSecret and finishSecret: the current version's next password is the directory's.
              running.signal('SIGHUP');
              await running.next('password.next', ({ origin }) => origin === 'AWSCURRENT');
              await running.next('ticket.published');
            },
          },
        });
        // Either its watch has seen the new version, or a renewal that was due has read it first.
        await running.next('tgt.obtained', ({ key }) => key === 'password');
        await running.next('ticket.published');
      }
      expect(await running.status()).toMatchObject({ state: 'healthy', lastError: null });
      expect(running.text).not.toMatch(/password\.other-version|renewal-failed|password\.withheld/);
      expect(await directory.attribute(user, 'badPwdCount')).toBe('0');
    });

    test('uses the previous version when the secret is ahead of the directory', async ({
      directory,
      secrets,
      fetching,
    }) => {
      const user = await directory.user('ahead');
      const { arn } = await createSecret(secrets, user);
      const running = await fetching(user, arn);
      await running.state('healthy');
      await secrets.sdk.send(
        new PutSecretValueCommand({ SecretId: arn, SecretString: json(user, newPassword) }),
      );
      await running.next('secret.changed');
      await running.next('password.refused', ({ origin }) => origin === 'AWSCURRENT');
      await running.next('password.other-version', ({ origin }) => origin === 'AWSPREVIOUS');
      expect((await running.status()).state).toBe('healthy');
    });

    test('is degraded when no version is right, and healthy when one becomes right', async ({
      directory,
      secrets,
      fetching,
    }) => {
      const user = await directory.user('none');
      const { arn } = await createSecret(secrets, user);
      const running = await fetching(user, arn);
      await running.state('healthy');
      await directory.domain.setPassword(user, 'Known to nobody 3');
      running.signal('SIGHUP');
      expect((await running.state('degraded')).lastError?.code).toBe('password-refused');
      await directory.domain.setPassword(user, newPassword);
      await secrets.sdk.send(
        new PutSecretValueCommand({ SecretId: arn, SecretString: json(user, newPassword) }),
      );
      // Found by the watch, or by an attempt that comes first.
      await running.state('healthy');
    });

    test('continues with the password it knows while Secrets Manager does not answer', async ({
      directory,
      secrets,
      fetching,
    }) => {
      const user = await directory.user('unavailable');
      const { arn } = await createSecret(secrets, user);
      const running = await fetching(user, arn);
      await running.state('healthy');
      secrets.unavailable.add(arn);
      running.signal('SIGHUP');
      await running.next('tgt.obtained');
      await running.next('secret.check-failed');
      expect((await running.status()).state).toBe('healthy');
    });

    test('reports what is wrong with the secret, and recovers when it is corrected', async ({
      directory,
      secrets,
      fetching,
    }) => {
      const user = await directory.user('malformed');
      const { ARN: arn = '' } = await secrets.sdk.send(
        new CreateSecretCommand({
          Name: 'malformed',
          SecretString: JSON.stringify({ Username: user, password }),
        }),
      );
      const running = await fetching(user, arn);
      const { lastError } = await running.state('unhealthy');
      expect(lastError).toMatchObject({
        code: 'secret-malformed',
        message: expect.stringContaining('"username"'),
      });
      await secrets.sdk.send(
        new PutSecretValueCommand({ SecretId: arn, SecretString: json(user, password) }),
      );
      await running.state('healthy');
      expect(running.text).not.toContain('Pass word*1');
    });

    test('says so when the secret is not there', async ({ fetching }) => {
      const arn = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:nothing-AbCdEf';
      const running = await fetching('nothing', arn);
      const { lastError } = await running.state('unhealthy');
      expect(lastError).toMatchObject({
        code: 'secret-unavailable',
        message: expect.stringContaining('ResourceNotFound'),
      });
    });

    test('measures the age of the password', async ({ directory, secrets, fetching, expect }) => {
      const user = await directory.user('aged');
      const { arn } = await createSecret(secrets, user);
      const running = await fetching(user, arn);
      await running.state('healthy');
      const known = (name: string) => running.metrics.some((line) => typeof line[name] === 'number');
      await expect.poll(() => known('PasswordAgeSeconds') && known('PasswordSecondsToExpiry')).toBe(true);
    });
  });

function json(username: string, value: string): string {
  return JSON.stringify({ username, password: value, domainName: 'corp.example.com' });
}
