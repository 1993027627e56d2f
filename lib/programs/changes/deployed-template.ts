import { readDeployedTemplate } from '../../aws/deployed-template.ts';
import type { AssemblyStack } from './assembly.ts';

/**
 * Reads what is deployed now, through a role that may read templates.
 *
 * @param reader ARN of the role
 * @returns the template, of the same form as the new one; undefined when there is no such stack yet
 */
export async function deployedTemplate(
  { stackName, region }: AssemblyStack,
  reader: string,
): Promise<Record<string, unknown> | undefined> {
  return readDeployedTemplate(stackName, { region, roleArn: reader, sessionName: 'change-summary' });
}
