import { webPort } from '@packages/contracts';
import { Duration } from 'aws-cdk-lib';
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { type ISecurityGroup, type IVpc, Port } from 'aws-cdk-lib/aws-ec2';
import {
  AlarmBehavior,
  type CfnService,
  Cluster,
  DeploymentStrategy,
  FargatePlatformVersion,
  FargateService,
  PropagatedTagSource,
} from 'aws-cdk-lib/aws-ecs';
import type { ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { type Environment, namesOf } from '../../config/index.ts';
import type { Place } from '../common/stage-contract.ts';
import { addExtraSecurityGroups } from '../network/extra-security-groups.ts';
import { subnetGroups } from '../network/subnet-groups.ts';
import type { KerberosTask } from './kerberos-task.ts';
import { taskSecurityGroup } from './task-security-group.ts';

export interface WebServiceProps {
  readonly place: Place;
  readonly vpc: IVpc;
  readonly task: KerberosTask;
  readonly loadBalancerSecurityGroup: ISecurityGroup;
  /** A deployment during which one of them goes off is taken back. */
  readonly deploymentAlarms: readonly IAlarm[];
}

/** The tasks on Fargate, and the doors between them and what they talk to. */
export class WebService extends Construct {
  readonly service: FargateService;

  constructor(scope: Construct, id: string, props: WebServiceProps) {
    super(scope, id);
    const { place, vpc, task } = props;
    const { environment } = place;
    const names = namesOf(place.deployment, environment);
    const blueGreen = environment.service.deployment === 'blue-green';
    const securityGroup = this.#securityGroup(props);
    // How many tasks is for auto scaling to say: a deployment leaves the number as it finds it.
    this.service = new FargateService(this, 'Service', {
      serviceName: names.serviceName,
      cluster: Cluster.fromClusterAttributes(this, 'Cluster', { clusterName: names.clusterName, vpc }),
      taskDefinition: task.definition,
      platformVersion: FargatePlatformVersion.LATEST,
      // Never fewer tasks than are wanted: new ones start before old ones stop.
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      vpcSubnets: { subnetGroupName: subnetGroups.private },
      securityGroups: [securityGroup],
      assignPublicIp: false,
      // Until the sidecar has its first ticket and web its first connection.
      healthCheckGracePeriod: Duration.seconds(120),
      circuitBreaker: { enable: true, rollback: true },
      deploymentAlarms: {
        alarmNames: props.deploymentAlarms.map(({ alarmName }) => alarmName),
        behavior: AlarmBehavior.ROLLBACK_ON_ALARM,
      },
      deploymentStrategy: blueGreen ? DeploymentStrategy.BLUE_GREEN : DeploymentStrategy.ROLLING,
      ...(blueGreen && { bakeTime: Duration.minutes(5) }),
      propagateTags: PropagatedTagSource.SERVICE,
      enableECSManagedTags: true,
      enableExecuteCommand: false,
    });
    addExtraSecurityGroups(
      this.service.node.defaultChild as CfnService,
      environment,
      'tasks',
      'NetworkConfiguration.AwsvpcConfiguration.SecurityGroups',
      securityGroup.securityGroupId,
    );
  }

  /**
   * Adds tasks when they are busy, and takes them away, more slowly, when they are not.
   *
   * @param targetGroup the group that all requests go to, if there is only one
   */
  scale({ minimumTasks, maximumTasks }: Environment['service'], targetGroup?: ApplicationTargetGroup): void {
    const scaling = this.service.autoScaleTaskCount({ minCapacity: minimumTasks, maxCapacity: maximumTasks });
    const cooldowns = { scaleOutCooldown: Duration.minutes(1), scaleInCooldown: Duration.minutes(5) };
    scaling.scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: 60, ...cooldowns });
    if (targetGroup) {
      scaling.scaleOnRequestCount('Requests', { requestsPerTarget: 1200, targetGroup, ...cooldowns });
    }
  }

  #securityGroup({ place, vpc, task, loadBalancerSecurityGroup }: WebServiceProps) {
    const securityGroup = taskSecurityGroup(this, {
      place,
      vpc,
      task,
      description: 'Tasks: the load balancer in; the directory, SQL Server and AWS out',
    });
    securityGroup.connections.allowFrom(loadBalancerSecurityGroup, Port.tcp(webPort), 'Requests');
    return securityGroup;
  }
}
