import { CloudFormationClient, DescribeStacksCommand, type Stack } from '@aws-sdk/client-cloudformation';
import { DescribeRegistryCommand, ECRClient } from '@aws-sdk/client-ecr';
import { awsClient, type ClientOptions, type Waiting } from '../../aws/clients.ts';
import { saysNoSuchStack } from '../../aws/no-such-stack.ts';
import { templateReaderName } from '../../config/iam-names.ts';
import type { Deployment } from '../../config/index.ts';
import type { BootstrapPlace } from './places.ts';

/**
 * The account of the current credentials. Read from ECR, whose client is already installed: a registry's id is its
 * account's number.
 *
 * @throws errors of AWS are passed on, such as that there are no credentials
 */
export async function currentAccount(region: string, waiting: Waiting = {}): Promise<string> {
  const { registryId } = await awsClient(ECRClient, { ...waiting, region }).send(
    new DescribeRegistryCommand({}),
  );
  return registryId ?? '';
}

/** Client options for a place: direct access in the current account, else through the role that reads its templates. */
export function accessTo(
  { account, region }: Pick<BootstrapPlace, 'account' | 'region'>,
  {
    current,
    deployment,
    ...waiting
  }: { readonly current: string; readonly deployment: Deployment } & Waiting,
): ClientOptions {
  if (account === current) return { ...waiting, region };
  const roleArn = `arn:aws:iam::${account}:role/${templateReaderName(deployment)}`;
  return { ...waiting, region, roleArn, sessionName: 'bootstrap-check' };
}

/** A CloudFormation client for a place. */
export function stacksOf(...place: Parameters<typeof accessTo>): CloudFormationClient {
  return awsClient(CloudFormationClient, accessTo(...place));
}

/** @returns undefined if the stack does not exist */
export async function describeStack(client: CloudFormationClient, name: string): Promise<Stack | undefined> {
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: name }));
    return Stacks?.[0];
  } catch (error) {
    if (saysNoSuchStack(error)) return undefined;
    throw error;
  }
}
