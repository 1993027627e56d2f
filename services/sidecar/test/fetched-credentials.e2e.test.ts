import {
  CreateSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type SecretsManager, startSecretsManager } from '../../../local/secrets-manager/index.ts';
import { type RunnableSidecar, runnableSidecar } from './runnable-sidecar.ts';
import { type SidecarProcess, startSidecarProcess } from './sidecar-process.ts';
import { password, startTestDomain, type TestDomain } from './test-domain.ts';

const newPassword = 'New pass word 2';

describe('a sidecar that fetches its credentials', () => {
  let directory: TestDomain;
  let programs: RunnableSidecar;
  let secretsManager: SecretsManager;
  let client: SecretsManagerClient;
  let available = true;
  let sidecar: SidecarProcess | undefined;

  beforeAll(async () => {
    directory = await startTestDomain();
    programs = await runnableSidecar(directory.directory);
    secretsManager = await startSecretsManager({ faults: () => (available ? undefined : 'unavailable') });
    client = new SecretsManagerClient(secretsManager.client);
  });
  afterEach(async () => {
    available = true;
    await sidecar?.stop();
  });
  afterAll(async () => {
    await secretsManager?.stop();
    await directory?.dispose();
  });

  async function createSecret(user: string, value = password) {
    const secret = await client.send(
      new CreateSecretCommand({ Name: user, SecretString: json(user, value) }),
    );
    return { arn: secret.ARN as string, versionId: secret.VersionId as string };
  }

  async function start(
    user: string,
    arn: string,
    environment: NodeJS.ProcessEnv = {},
  ): Promise<SidecarProcess> {
    sidecar = await startSidecarProcess(directory, programs, {
      name: user,
      user,
      environment: {
        ...secretsManager.environment,
        CREDENTIALS: undefined,
        CREDENTIALS_SECRET_ARN: arn,
        SECRET_CHECK_SECONDS: '1',
        METRICS_INTERVAL: '1',
        ...environment,
      },
    });
    return sidecar;
  }

  test('follows a rotation from step to step and is healthy all the time', async () => {
    const user = await directory.user('steps');
    const { arn, versionId } = await createSecret(user);
    const running = await start(user, arn);
    await running.state('healthy');
    expect(running.events).toContainEqual(
      expect.objectContaining({ event: 'tgt.obtained', origin: 'AWSCURRENT' }),
    );

    // createSecret: a pending version, the directory and AWSCURRENT are the old ones.
    const pending = await client.send(
      new PutSecretValueCommand({
        SecretId: arn,
        SecretString: json(user, newPassword),
        VersionStages: ['AWSPENDING'],
      }),
    );
    running.signal('SIGHUP');
    await running.next('tgt.obtained', ({ origin }) => origin === 'AWSCURRENT');

    // setSecret: the directory has the new password, AWSCURRENT not yet.
    await directory.domain.setPassword(user, newPassword);
    running.signal('SIGHUP');
    await running.next('password.refused', ({ origin }) => origin === 'AWSCURRENT');
    await running.next('password.other-version', ({ origin }) => origin === 'AWSPENDING');

    // finishSecret: AWSCURRENT moves, and the sidecar notices by itself.
    await client.send(
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

  test('uses the previous version when the secret is ahead of the directory', async () => {
    const user = await directory.user('ahead');
    const { arn } = await createSecret(user);
    const running = await start(user, arn);
    await running.state('healthy');
    await client.send(new PutSecretValueCommand({ SecretId: arn, SecretString: json(user, newPassword) }));
    await running.next('secret.changed');
    await running.next('password.refused', ({ origin }) => origin === 'AWSCURRENT');
    await running.next('password.other-version', ({ origin }) => origin === 'AWSPREVIOUS');
    expect((await running.status()).state).toBe('healthy');
  });

  test('is degraded when no version is right, and healthy when one becomes right', async () => {
    const user = await directory.user('none');
    const { arn } = await createSecret(user);
    const running = await start(user, arn);
    await running.state('healthy');
    await directory.domain.setPassword(user, 'Known to nobody 3');
    running.signal('SIGHUP');
    expect((await running.state('degraded')).lastError?.code).toBe('password-refused');
    await directory.domain.setPassword(user, newPassword);
    await client.send(new PutSecretValueCommand({ SecretId: arn, SecretString: json(user, newPassword) }));
    await running.next('secret.changed');
    await running.state('healthy');
  });

  test('goes on with the password it knows while Secrets Manager does not answer', async () => {
    const user = await directory.user('unavailable');
    const { arn } = await createSecret(user);
    const running = await start(user, arn);
    await running.state('healthy');
    available = false;
    running.signal('SIGHUP');
    await running.next('tgt.obtained');
    await running.next('secret.check-failed');
    expect((await running.status()).state).toBe('healthy');
  });

  test('says what is wrong with the secret, and mends itself when that is put right', async () => {
    const user = await directory.user('malformed');
    const { ARN: arn = '' } = await client.send(
      new CreateSecretCommand({
        Name: 'malformed',
        SecretString: JSON.stringify({ Username: user, password }),
      }),
    );
    const running = await start(user, arn);
    const { lastError } = await running.state('unhealthy');
    expect(lastError).toMatchObject({
      code: 'secret-malformed',
      message: expect.stringContaining('"username"'),
    });
    await client.send(new PutSecretValueCommand({ SecretId: arn, SecretString: json(user, password) }));
    await running.state('healthy');
    expect(running.text).not.toContain('Pass word*1');
  });

  test('says so when the secret is not there', async () => {
    const arn = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:nothing-AbCdEf';
    const running = await start('nothing', arn);
    const { lastError } = await running.state('unhealthy');
    expect(lastError).toMatchObject({
      code: 'secret-unavailable',
      message: expect.stringContaining('ResourceNotFound'),
    });
  });

  test('measures the age of the password', async () => {
    const user = await directory.user('aged');
    const { arn } = await createSecret(user);
    const running = await start(user, arn);
    await running.state('healthy');
    const known = (name: string) => running.metrics.some((line) => typeof line[name] === 'number');
    await expect.poll(() => known('PasswordAgeSeconds') && known('PasswordSecondsToExpiry')).toBe(true);
  });
});

function json(username: string, value: string): string {
  return JSON.stringify({ username, password: value, domainName: 'corp.example.com' });
}
