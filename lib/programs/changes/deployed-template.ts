import { CloudFormationClient, GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import { awsClient } from '../../aws/clients.ts';
import type { AssemblyStack } from './assembly.ts';

/**
 * Reads what is deployed now, through a role that may read templates.
 *
 * @param reader ARN of the role
 * @returns the template; undefined when there is no such stack yet
 */
export async function deployedTemplate(
  stack: AssemblyStack,
  reader: string,
): Promise<Record<string, unknown> | undefined> {
  const client = awsClient(CloudFormationClient, {
    region: stack.region,
    roleArn: reader,
    sessionName: 'change-summary',
  });
  try {
    // As it was given, before any transform: the same form as the new template has.
    const { TemplateBody } = await client.send(
      new GetTemplateCommand({ StackName: stack.stackName, TemplateStage: 'Original' }),
    );
    return JSON.parse(TemplateBody ?? '{}');
  } catch (error) {
    if (error instanceof Error && /does not exist/.test(error.message)) return undefined;
    throw error;
  } finally {
    client.destroy();
  }
}
