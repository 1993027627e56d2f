import { type ISecurityGroup, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { sqlServerNames } from '../../config/index.ts';
import { givenId } from '../common/given-id.ts';
import { type EnvironmentContext, readContract } from '../common/stage-contract.ts';
import { peerOf } from '../network/peers.ts';

/**
 * Lets a client reach SQL Server's port and nothing else there. Also adds the ingress rule to SQL Server's security group
 * if the instance is ours or `manageIngress` is on.
 *
 * @param id the construct id for SQL Server's imported security group
 * @returns the security group of SQL Server, if it has one
 */
export function reachSqlServer(
  scope: Construct,
  id: string,
  client: ISecurityGroup,
  context: EnvironmentContext,
  description: string,
): ISecurityGroup | undefined {
  const { database } = context.environment;
  const port = Port.tcp(sqlServerNames(context.environment).port);
  if (database.type === 'new') {
    const groupId = readContract(scope, context, 'database', 'security-group-id');
    const group = SecurityGroup.fromSecurityGroupId(scope, id, groupId);
    client.connections.allowTo(group, port, description);
    return group;
  }
  const { securityGroupId, addresses = [], manageIngress } = database.access;
  for (const address of addresses) {
    client.addEgressRule(peerOf(address), port, description);
  }
  if (securityGroupId === undefined) return undefined;
  const group = SecurityGroup.fromSecurityGroupId(scope, id, givenId(scope, securityGroupId), {
    mutable: manageIngress,
  });
  client.connections.allowTo(group, port, description);
  return group;
}
