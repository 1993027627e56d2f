import { type IVpc, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { dnsServers, ticketGranters } from '../../config/index.ts';
import type { EnvironmentContext } from '../common/stage-contract.ts';
import { reachSqlServer } from '../database/reach-sql-server.ts';
import { allowAws, awsAccess } from '../network/aws-access.ts';
import { peerOf } from '../network/peers.ts';
import type { KerberosTask } from './kerberos-task.ts';

interface TaskSecurityGroupProps {
  readonly context: EnvironmentContext;
  readonly vpc: IVpc;
  readonly task: KerberosTask;
  readonly description: string;
}

/** A security group for a service's tasks: outbound to the directory, SQL Server and AWS, no inbound rules. */
export function taskSecurityGroup(
  scope: Construct,
  { context, vpc, task, description }: TaskSecurityGroupProps,
): SecurityGroup {
  const securityGroup = new SecurityGroup(scope, 'SecurityGroup', {
    vpc,
    description,
    allowAllOutbound: false,
  });
  reachSqlServer(scope, 'DatabaseSecurityGroup', securityGroup, context, 'Queries');
  task.kerberos.allowTo(securityGroup, {
    domainControllers: ticketGranters(context.environment).map(peerOf),
    nameServers: dnsServers(context.environment).map(peerOf),
  });
  allowAws(securityGroup, awsAccess(scope, context));
  return securityGroup;
}
