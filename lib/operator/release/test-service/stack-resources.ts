import {
  type CloudFormationClient,
  paginateListStackResources,
  type StackResourceSummary,
} from '@aws-sdk/client-cloudformation';
import { ReleaseError } from '../../../aws/errors.ts';
import { saysNoSuchStack } from '../../../aws/no-such-stack.ts';

/**
 * Finds a stack's resource of one type.
 *
 * @throws ReleaseError if the stack does not exist or has no such resource
 */
export async function stackResource(
  client: CloudFormationClient,
  StackName: string,
  { type, isMeant = () => true }: { readonly type: string; readonly isMeant?: (id: string) => boolean },
): Promise<{ readonly id: string; readonly updatedAt: Date }> {
  for (const { PhysicalResourceId: id, ResourceType, LastUpdatedTimestamp: updatedAt } of await all(
    client,
    StackName,
  )) {
    if (ResourceType === type && id && updatedAt && isMeant(id)) return { id, updatedAt };
  }
  throw new ReleaseError(`The stack ${StackName} has no ${type}: deploy it first.`);
}

async function all(client: CloudFormationClient, StackName: string): Promise<StackResourceSummary[]> {
  const found: StackResourceSummary[] = [];
  try {
    for await (const page of paginateListStackResources({ client }, { StackName })) {
      found.push(...(page.StackResourceSummaries ?? []));
    }
  } catch (error) {
    if (saysNoSuchStack(error)) {
      throw new ReleaseError(`The service is not deployed here yet: there is no stack ${StackName}.`);
    }
    throw error;
  }
  return found;
}
