import type { ISecurityGroup, IVpc } from 'aws-cdk-lib/aws-ec2';
import {
  type CfnService,
  Cluster,
  FargatePlatformVersion,
  FargateService,
  type FargateServiceProps,
  PropagatedTagSource,
} from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import { namesOf } from '../../config/index.ts';
import type { EnvironmentContext } from '../common/stage-contract.ts';
import { addExtraSecurityGroups } from '../network/extra-security-groups.ts';
import { subnetGroups } from '../network/subnet-groups.ts';
import type { KerberosTask } from './kerberos-task.ts';

export interface FargateServiceParts extends Omit<FargateServiceProps, 'cluster' | 'taskDefinition'> {
  readonly context: EnvironmentContext;
  readonly vpc: IVpc;
  readonly task: KerberosTask;
  readonly serviceName: string;
  readonly securityGroup: ISecurityGroup;
}

/** An ECS service in the environment's cluster and private subnets: what web services and workers have in common. */
export function fargateService(
  scope: Construct,
  { context, vpc, task, securityGroup, ...own }: FargateServiceParts,
): FargateService {
  const { clusterName } = namesOf(context.deployment, context.environment);
  const service = new FargateService(scope, 'Service', {
    cluster: Cluster.fromClusterAttributes(scope, 'Cluster', { clusterName, vpc }),
    taskDefinition: task.definition,
    platformVersion: FargatePlatformVersion.LATEST,
    // A deployment starts new tasks in addition, and stops old ones only when the new ones are healthy.
    minHealthyPercent: 100,
    maxHealthyPercent: 200,
    vpcSubnets: { subnetGroupName: subnetGroups.private },
    securityGroups: [securityGroup],
    assignPublicIp: false,
    circuitBreaker: { enable: true, rollback: true },
    propagateTags: PropagatedTagSource.SERVICE,
    enableECSManagedTags: true,
    enableExecuteCommand: false,
    ...own,
  });
  addExtraSecurityGroups(
    service.node.defaultChild as CfnService,
    context.environment,
    'tasks',
    'NetworkConfiguration.AwsvpcConfiguration.SecurityGroups',
    securityGroup.securityGroupId,
  );
  return service;
}
