import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { awsClient } from '../../aws/clients.ts';
import { ReleaseError } from '../../aws/errors.ts';
import type { Environment } from '../../config/index.ts';
import type { ReleaseContext } from './context.ts';

/**
 * Checks that the credentials are for the environment's own account.
 *
 * @returns the ARN of the caller
 * @throws ReleaseError if they are for another account
 */
export async function expectOwnAccount(
  { waiting }: Pick<ReleaseContext, 'waiting'>,
  { name, account, region }: Environment,
): Promise<string> {
  const client = awsClient(STSClient, { ...waiting, region });
  const { Account, Arn = '' } = await client.send(new GetCallerIdentityCommand({}));
  if (Account === account) return Arn;
  throw new ReleaseError(
    `These credentials are for the account ${Account}, and ${name} is in ${account}: name a profile of that account in AWS_PROFILE.`,
  );
}
