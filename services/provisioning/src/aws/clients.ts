import { DirectoryServiceClient } from '@aws-sdk/client-directory-service';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type AwsDirectoryOptions, createAwsDirectory } from '../directory/aws-directory.ts';
import type { Directory } from '../directory/directory.ts';
import { createAwsSecrets } from '../secrets/aws-secrets.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { createJsonClient } from './json-client.ts';

/**
 * How often the SDK retries a request that was throttled, cut off or not answered, and how long (ms) one may take.
 * Without `throwOnRequestTimeout` the SDK only warns about a silent peer and keeps waiting.
 */
export const patience = {
  maxAttempts: 6,
  requestHandler: { connectionTimeout: 3000, requestTimeout: 10_000, throwOnRequestTimeout: true },
} as const;

/** A Directory Service client with these limits; region and credentials come from the environment. */
export function directoryServiceClient(): DirectoryServiceClient {
  return new DirectoryServiceClient(patience);
}

/** The directory for functions on AWS; region and credentials come from the function's environment. */
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

/** Secrets Manager; region, credentials and endpoint come from the environment, as usual with the AWS SDK. */
export function awsSecrets(): Secrets {
  return createAwsSecrets(new SecretsManagerClient(patience));
}

/** The function's region; empty outside AWS, where the environment gives an endpoint instead. */
export function region(): string {
  return process.env.AWS_REGION ?? '';
}
