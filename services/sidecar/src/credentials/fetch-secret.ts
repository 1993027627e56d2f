import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

/** The argument that starts this program as the fetching process. */
export type FetchTask = 'fetch-secret';

/** One version of the secret, which the fetching process passes to the sidecar through a pipe. */
export interface SecretVersion {
  readonly versionId: string;
  /** ISO 8601 */
  readonly createdAt?: string;
  readonly value: string;
}

/**
 * Fetches a version of the secret with the AWS SDK, which finds credentials and the endpoint by its usual rules (the
 * task role; `AWS_ENDPOINT_URL_SECRETS_MANAGER`). The region comes from the ARN.
 * @returns `undefined` if no version has this stage; for AWSCURRENT that is an error instead
 */
export async function fetchSecret(arn: string, stage: string): Promise<SecretVersion | undefined> {
  const [, , , region = ''] = arn.split(':');
  const client = new SecretsManagerClient({
    region,
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 2000, requestTimeout: 5000, throwOnRequestTimeout: true },
  });
  try {
    const version = await client.send(new GetSecretValueCommand({ SecretId: arn, VersionStage: stage }));
    return {
      versionId: version.VersionId ?? '',
      ...(version.CreatedDate && { createdAt: version.CreatedDate.toISOString() }),
      value: version.SecretString ?? '',
    };
  } catch (error) {
    // AWSPENDING and AWSPREVIOUS are absent most of the time; an absent AWSCURRENT is an error.
    if (stage !== 'AWSCURRENT' && error instanceof Error && error.name === 'ResourceNotFoundException') {
      return undefined;
    }
    throw error;
  } finally {
    client.destroy();
  }
}

/**
 * The fetching process: prints the version as JSON (`null` for none), or on standard error an error's name and message.
 */
export async function fetchSecretMain([arn = '', stage = '']: readonly string[]): Promise<void> {
  try {
    process.stdout.write(JSON.stringify((await fetchSecret(arn, stage)) ?? null));
  } catch (error) {
    process.stderr.write(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
    process.exitCode = 1;
  }
}
