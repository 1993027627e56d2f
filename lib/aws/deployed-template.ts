import { CloudFormationClient, GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import { awsClient, type ClientOptions } from './clients.ts';
import { saysNoSuchStack } from './no-such-stack.ts';

/**
 * Reads what is deployed now.
 *
 * @param options where, and through which role, which may read templates
 * @returns the template as it was given, before any transform; undefined when there is no such stack
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
