import {
  type CloudFormationClient,
  ListStackResourcesCommand,
  type StackResourceSummary,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation';
import {
  DescribeLoadBalancerAttributesCommand,
  DescribeTagsCommand,
  type ElasticLoadBalancingV2Client,
  ModifyLoadBalancerAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { DescribeDBInstancesCommand, ModifyDBInstanceCommand, type RDSClient } from '@aws-sdk/client-rds';

export interface RecoveryClients {
  readonly stacks: CloudFormationClient;
  readonly databases: RDSClient;
  readonly loadBalancers: ElasticLoadBalancingV2Client;
}

/** The tag with which CloudFormation marks a stack's resources. */
const madeBy = 'aws:cloudformation:stack-id';

/**
 * Lifts what prevents the deletion of a stack that was never complete: its termination protection, and the deletion
 * protection of its database and load balancer. Only resources tagged as this stack's are changed: if the creation
 * failed because a resource of that name existed, the resource belongs to somebody else.
 *
 * @param stackId the stack's ARN
 * @returns what was lifted, in words
 */
export async function liftProtections(clients: RecoveryClients, stackId: string): Promise<string[]> {
  const lifted: string[] = [];
  for (const resource of await resourcesOf(clients.stacks, stackId)) {
    const { ResourceType: type, PhysicalResourceId: id, ResourceStatus: status } = resource;
    if (!id || status === 'DELETE_COMPLETE' || status === 'DELETE_SKIPPED') continue;
    if (type === 'AWS::RDS::DBInstance' && (await unprotectDatabase(clients.databases, id, stackId)))
      lifted.push(`deletion protection of the database ${id}`);
    if (
      type === 'AWS::ElasticLoadBalancingV2::LoadBalancer' &&
      (await unprotectLoadBalancer(clients.loadBalancers, id, stackId))
    )
      lifted.push(`deletion protection of the load balancer ${id.split('/').at(-2) ?? id}`);
  }
  await clients.stacks.send(
    new UpdateTerminationProtectionCommand({ StackName: stackId, EnableTerminationProtection: false }),
  );
  return lifted;
}

/** All resources of a stack, even if it has been deleted. */
export async function resourcesOf(
  client: CloudFormationClient,
  StackName: string,
): Promise<StackResourceSummary[]> {
  const resources: StackResourceSummary[] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.send(new ListStackResourcesCommand({ StackName, NextToken }));
    resources.push(...(page.StackResourceSummaries ?? []));
    NextToken = page.NextToken;
  } while (NextToken);
  return resources;
}

async function unprotectDatabase(client: RDSClient, id: string, stackId: string): Promise<boolean> {
  const { DBInstances: [instance] = [] } = await client
    .send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: id }))
    .catch(unless(/^DBInstanceNotFound/, { DBInstances: [] }));
  const isOurs = instance?.TagList?.some(({ Key, Value }) => Key === madeBy && Value === stackId);
  if (!isOurs || !instance?.DeletionProtection) return false;
  await client.send(
    new ModifyDBInstanceCommand({
      DBInstanceIdentifier: id,
      DeletionProtection: false,
      ApplyImmediately: true,
    }),
  );
  return true;
}

async function unprotectLoadBalancer(
  client: ElasticLoadBalancingV2Client,
  arn: string,
  stackId: string,
): Promise<boolean> {
  const { TagDescriptions: [tags] = [] } = await client
    .send(new DescribeTagsCommand({ ResourceArns: [arn] }))
    .catch(unless(/^LoadBalancerNotFound/, { TagDescriptions: [] }));
  if (!tags?.Tags?.some(({ Key, Value }) => Key === madeBy && Value === stackId)) return false;
  const { Attributes = [] } = await client.send(
    new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: arn }),
  );
  const key = 'deletion_protection.enabled';
  if (!Attributes.some(({ Key, Value }) => Key === key && Value === 'true')) return false;
  await client.send(
    new ModifyLoadBalancerAttributesCommand({
      LoadBalancerArn: arn,
      Attributes: [{ Key: key, Value: 'false' }],
    }),
  );
  return true;
}

/** For `catch`: returns a value if the error's name means that there is nothing to return. */
function unless<Value>(name: RegExp, value: Value) {
  return (error: unknown): Value => {
    if (error instanceof Error && name.test(error.name)) return value;
    throw error;
  };
}
