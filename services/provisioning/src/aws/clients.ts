import { DirectoryServiceClient } from '@aws-sdk/client-directory-service';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type AwsDirectoryOptions, createAwsDirectory } from '../directory/aws-directory.ts';
import type { Directory } from '../directory/directory.ts';
import { createAwsSecrets } from '../secrets/aws-secrets.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { createJsonClient } from './json-client.ts';

/**
 * How often the SDK repeats a request that was throttled, cut off or not answered, and how long (ms) one may take.
 * Without `throwOnRequestTimeout` the SDK only warns of a peer that is silent, and waits on.
 */
export const patience = {
  maxAttempts: 6,
  requestHandler: { connectionTimeout: 3000, requestTimeout: 10_000, throwOnRequestTimeout: true },
} as const;

/** Directory Service with this patience; region and credentials come from the environment. */
export function directoryServiceClient(): DirectoryServiceClient {
  return new DirectoryServiceClient(patience);
}

/** The directory as the functions on AWS use it; region and credentials come from the function's environment. */
export function awsDirectory(
  directoryId: string,
  domainName: string,
  { limit, progress }: Pick<AwsDirectoryOptions, 'limit' | 'progress'> = {},
): Directory {
  return createAwsDirectory({
    directoryId,
    domainName,
    ...(limit !== undefined && { limit }),
    ...(progress && { progress }),
    directoryService: directoryServiceClient(),
    directoryData: createJsonClient({
      service: 'ds-data',
      region: region(),
      endpoint: process.env.AWS_ENDPOINT_URL_DIRECTORY_SERVICE_DATA,
    }),
  });
}

/** Secrets Manager; region, credentials and endpoint come from the environment, as the AWS SDK finds them. */
export function awsSecrets(): Secrets {
  return createAwsSecrets(new SecretsManagerClient(patience));
}

/** The function's region; empty outside of AWS, where an endpoint is given instead. */
export function region(): string {
  return process.env.AWS_REGION ?? '';
}
