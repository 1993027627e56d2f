import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import {
  type CfnService,
  Cluster,
  FargatePlatformVersion,
  FargateService,
  PropagatedTagSource,
} from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { namesOf, type Worker } from '../../config/index.ts';
import type { Place } from '../common/stage-contract.ts';
import { addExtraSecurityGroups } from '../network/extra-security-groups.ts';
import { subnetGroups } from '../network/subnet-groups.ts';
import type { KerberosTask } from './kerberos-task.ts';
import { taskSecurityGroup } from './task-security-group.ts';

export interface WorkerServiceProps {
  readonly place: Place;
  readonly worker: Worker;
  readonly serviceName: string;
  readonly vpc: IVpc;
  readonly task: KerberosTask;
}

/** Tasks on Fargate that nobody asks anything: they are in service as long as their health command says so. */
export class WorkerService extends Construct {
  constructor(scope: Construct, id: string, props: WorkerServiceProps) {
    super(scope, id);
    const { place, worker, vpc } = props;
    const { clusterName } = namesOf(place.deployment, place.environment);
    const securityGroup = taskSecurityGroup(this, {
      place,
      vpc,
      task: props.task,
      description: `Tasks of ${worker.name}: the directory, SQL Server and AWS out, nobody in`,
    });
    const service = new FargateService(this, 'Service', {
      serviceName: props.serviceName,
      cluster: Cluster.fromClusterAttributes(this, 'Cluster', { clusterName, vpc }),
      taskDefinition: props.task.definition,
      desiredCount: worker.tasks,
      platformVersion: FargatePlatformVersion.LATEST,
      // New tasks are healthy before old ones stop: for that time there are more than are wanted.
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      vpcSubnets: { subnetGroupName: subnetGroups.private },
      securityGroups: [securityGroup],
      assignPublicIp: false,
      circuitBreaker: { enable: true, rollback: true },
      propagateTags: PropagatedTagSource.SERVICE,
      enableECSManagedTags: true,
      enableExecuteCommand: false,
    });
    addExtraSecurityGroups(
      service.node.defaultChild as CfnService,
      place.environment,
      'tasks',
      'NetworkConfiguration.AwsvpcConfiguration.SecurityGroups',
      securityGroup.securityGroupId,
    );
  }
}
