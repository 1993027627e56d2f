import {
  type CloudFormationClient,
  CreateStackCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { poll } from '../../aws/poll.ts';
import { executionPolicyName } from '../../config/iam-names.ts';
import type { Deployment } from '../../config/index.ts';
import { failuresOf, stackEvents } from '../release/recover/failed-creation.ts';
import { describeStack } from './account.ts';
import { deploymentTemplate } from './deployment-template.ts';

/** Seconds. The stack contains only two policies and a role. */
const limit = 300;

/**
 * Creates the policies for deployments, or updates them.
 *
 * @param pollSeconds interval between two looks at the stack; for tests
 * @throws errors of AWS are passed on; if the stack fails, an Error with the cause and what to do
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
  if (!(await describeStack(client, StackName))) {
    await client.send(new CreateStackCommand({ ...stack, EnableTerminationProtection: true }));
    await isComplete(client, StackName, pollSeconds);
    return 'made';
  }
  try {
    await client.send(new UpdateStackCommand(stack));
  } catch (error) {
    // CloudFormation has no separate error code for this, so the text decides; other errors are passed on.
    const isUnchanged =
      error instanceof Error &&
      error.name === 'ValidationError' &&
      /^No updates are to be performed/.test(error.message);
    if (isUnchanged) return 'unchanged';
    throw error;
  }
  await isComplete(client, StackName, pollSeconds);
  return 'updated';
}

async function isComplete(
  client: CloudFormationClient,
  name: string,
  intervalSeconds: number,
): Promise<void> {
  const what = `The stack ${name} is being deployed, which usually takes a minute`;
  const status = await poll({ intervalSeconds, limitSeconds: limit, what }, async () => {
    const { StackStatus = '' } = (await describeStack(client, name)) ?? {};
    return StackStatus.endsWith('_IN_PROGRESS') ? undefined : StackStatus;
  });
  if (/^(CREATE|UPDATE)_COMPLETE$/.test(status)) return;
  const because = failuresOf(await stackEvents(client, name)).at(-1);
  const remedy = /^(CREATE|ROLLBACK)_/.test(status)
    ? 'Fix the cause, delete the stack with "npm run release -- recover", then run this again.'
    : 'CloudFormation has restored the earlier policies. Fix the cause, then run this again.';
  throw new Error(
    `The stack ${name} is ${status}${because ? `: ${because.replace(/\.$/, '')}` : ''}. ${remedy}`,
  );
}
