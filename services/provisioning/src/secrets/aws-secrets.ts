import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetRandomPasswordCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { retry } from '../retry.ts';
import { SecretExistsError, type Secrets } from './secrets.ts';

/** Milliseconds within which a new role is known everywhere. */
const roleLimit = 30_000;

/**
 * AWS Secrets Manager. The SDK retries throttling and network faults with the same ClientRequestToken. AccessDenied is
 * retried for a while, because a new role may not be known everywhere yet.
 */
export function createAwsSecrets(secretsManager: SecretsManagerClient): Secrets {
  const client = {
    send: ((command: Parameters<SecretsManagerClient['send']>[0]) =>
      retry(() => secretsManager.send(command), {
        when: (error) => (error as Error).name === 'AccessDeniedException',
        limit: roleLimit,
      })) as SecretsManagerClient['send'],
  };

  async function labelsOfAll(SecretId: string): Promise<Readonly<Record<string, readonly string[]>>> {
    const { VersionIdsToStages = {} } = await client.send(new DescribeSecretCommand({ SecretId }));
    return VersionIdsToStages;
  }

  async function labels(SecretId: string, versionId: string): Promise<readonly string[]> {
    return (await labelsOfAll(SecretId))[versionId] ?? [];
  }

  async function holder(SecretId: string, stage: string): Promise<string | undefined> {
    const VersionIdsToStages = await labelsOfAll(SecretId);
    return Object.keys(VersionIdsToStages).find((id) => VersionIdsToStages[id]?.includes(stage));
  }

  return {
    holder,

    async read(SecretId, { stage, versionId }) {
      try {
        const version = await client.send(
          new GetSecretValueCommand({ SecretId, VersionStage: stage, VersionId: versionId }),
        );
        return { versionId: version.VersionId ?? '', value: version.SecretString ?? '' };
      } catch (error) {
        const { name } = error as Error;
        if (name === 'ResourceNotFoundException') return undefined;
        // The version may exist without the label. The labels decide, because the same refusal also has other causes.
        const isRefusal =
          name === 'InvalidRequestException' && versionId !== undefined && stage !== undefined;
        if (isRefusal && !(await labels(SecretId, versionId)).includes(stage)) return undefined;
        throw error;
      }
    },

    async create(Name, SecretString) {
      await exists(() => client.send(new CreateSecretCommand({ Name, SecretString })));
    },

    async put(SecretId, { token, value, stage }) {
      await exists(() =>
        client.send(
          new PutSecretValueCommand({
            SecretId,
            ClientRequestToken: token,
            SecretString: value,
            VersionStages: [stage],
          }),
        ),
      );
    },

    async moveStage(SecretId, { stage, to }) {
      // The holder read here may be outdated; the service then refuses, and it is read again.
      await retry(
        async () => {
          const from = await holder(SecretId, stage);
          if (from === to) return;
          await client.send(
            new UpdateSecretVersionStageCommand({
              SecretId,
              VersionStage: stage,
              MoveToVersionId: to,
              RemoveFromVersionId: from,
            }),
          );
        },
        { when: (error) => (error as Error).name === 'InvalidParameterException', limit: 20_000 },
      );
    },

    async randomPassword(PasswordLength) {
      const { RandomPassword = '' } = await client.send(
        new GetRandomPasswordCommand({
          PasswordLength,
          ExcludePunctuation: true,
          RequireEachIncludedType: true,
        }),
      );
      return RandomPassword;
    },
  };
}

async function exists(send: () => Promise<unknown>): Promise<void> {
  try {
    await send();
  } catch (error) {
    if ((error as Error).name !== 'ResourceExistsException') throw error;
    throw new SecretExistsError((error as Error).message);
  }
}
