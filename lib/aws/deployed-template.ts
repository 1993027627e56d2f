import { CloudFormationClient, GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import { awsClient, type ClientOptions } from './clients.ts';
import { saysNoSuchStack } from './no-such-stack.ts';

/**
 * Reads the deployed template of a stack.
 *
 * @param options region and role; the role must be allowed to read templates
 * @returns the template as submitted, before any transform; undefined if the stack does not exist
 */
export async function readDeployedTemplate(
  StackName: string,
  options: ClientOptions,
): Promise<Record<string, unknown> | undefined> {
  const client = awsClient(CloudFormationClient, options);
  try {
    const { TemplateBody } = await client.send(
      new GetTemplateCommand({ StackName, TemplateStage: 'Original' }),
    );
    return JSON.parse(TemplateBody ?? '{}');
  } catch (error) {
    if (saysNoSuchStack(error)) return undefined;
    throw error;
  } finally {
    client.destroy();
  }
}
