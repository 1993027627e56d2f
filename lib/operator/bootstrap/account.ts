import { CloudFormationClient, DescribeStacksCommand, type Stack } from '@aws-sdk/client-cloudformation';
import { DescribeRegistryCommand, ECRClient } from '@aws-sdk/client-ecr';
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import type { BootstrapPlace } from './places.ts';

/**
 * The account that the credentials at hand belong to. Asked of ECR, whose client is here already: a registry's id is
 * the number of its account.
 *
 * @throws errors of AWS as they come, among them that there are no credentials
 */
export async function currentAccount(region: string): Promise<string> {
  const { registryId } = await new ECRClient({ region }).send(new DescribeRegistryCommand({}));
  return registryId ?? '';
}

/** CloudFormation of one place: directly in our own account, else through the look-up role of its bootstrap. */
export function stacksOf(
  { account, region }: BootstrapPlace,
  { current, qualifier }: { readonly current: string; readonly qualifier: string },
): CloudFormationClient {
  if (account === current) return new CloudFormationClient({ region });
  const RoleArn = `arn:aws:iam::${account}:role/cdk-${qualifier}-lookup-role-${account}-${region}`;
  return new CloudFormationClient({
    region,
    credentials: fromTemporaryCredentials({
      params: { RoleArn, RoleSessionName: 'bootstrap-check' },
      clientConfig: { region },
    }),
  });
}

/** @returns undefined when there is no such stack */
export async function describeStack(client: CloudFormationClient, name: string): Promise<Stack | undefined> {
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: name }));
    return Stacks?.[0];
  } catch (error) {
    if (error instanceof Error && /does not exist/.test(error.message)) return undefined;
    throw error;
  }
}
