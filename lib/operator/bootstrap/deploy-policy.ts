import {
  type CloudFormationClient,
  CreateStackCommand,
  UpdateStackCommand,
  waitUntilStackCreateComplete,
  waitUntilStackUpdateComplete,
} from '@aws-sdk/client-cloudformation';
import type { Deployment } from '../../config/index.ts';
import { describeStack } from './account.ts';
import { executionPolicyName, executionPolicyTemplate } from './execution-policy.ts';

/** Seconds; it is one policy. */
const limit = 300;

/**
 * Makes the policy for deployments, or brings it up to date.
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
    TemplateBody: JSON.stringify(executionPolicyTemplate(deployment, account)),
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
