import { readDeployedTemplate } from '../../aws/deployed-template.ts';
import type { AssemblyStack } from './assembly.ts';

/**
 * Reads the deployed template of a stack.
 *
 * @param reader ARN of the role that may read templates
 * @returns the template; undefined when the stack does not exist yet
 */
export async function deployedTemplate(
  { stackName, region }: AssemblyStack,
  reader: string,
): Promise<Record<string, unknown> | undefined> {
  return readDeployedTemplate(stackName, { region, roleArn: reader, sessionName: 'change-summary' });
}
