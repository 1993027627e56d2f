import {
  type CloudFormationClient,
  CreateStackCommand,
  UpdateStackCommand,
  waitUntilStackCreateComplete,
  waitUntilStackUpdateComplete,
} from '@aws-sdk/client-cloudformation';
import { executionPolicyName } from '../../config/iam-names.ts';
import type { Deployment } from '../../config/index.ts';
import { describeStack } from './account.ts';
import { deploymentTemplate } from './deployment-template.ts';

/** Seconds; it is two policies and a role. */
const limit = 300;

/**
 * Makes the policies for deployments, or brings them up to date.
 *
 * @param pollSeconds between two looks at the stack; for tests
 * @throws errors of AWS as they come; when the stack fails, with its status
 */
export async function deployPolicy(
  client: CloudFormationClient,
  deployment: Deployment,
  account: string,
  pollSeconds = 3,
): Promise<'made' | 'updated' | 'unchanged'> {
  const StackName = executionPolicyName(deployment);
  const stack = {
    StackName,
    TemplateBody: JSON.stringify(deploymentTemplate(deployment, account)),
    Capabilities: ['CAPABILITY_NAMED_IAM' as const],
  };
  const waiting = { client, maxWaitTime: limit, minDelay: pollSeconds, maxDelay: pollSeconds };
  if (!(await describeStack(client, StackName))) {
    await client.send(new CreateStackCommand({ ...stack, EnableTerminationProtection: true }));
    await waitUntilStackCreateComplete(waiting, { StackName });
    return 'made';
  }
  try {
    await client.send(new UpdateStackCommand(stack));
  } catch (error) {
    if (error instanceof Error && /No updates are to be performed/.test(error.message)) return 'unchanged';
    throw error;
  }
  await waitUntilStackUpdateComplete(waiting, { StackName });
  return 'updated';
}
