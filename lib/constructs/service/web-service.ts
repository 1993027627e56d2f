import { Duration } from 'aws-cdk-lib';
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { type ISecurityGroup, type IVpc, Port } from 'aws-cdk-lib/aws-ec2';
import { AlarmBehavior, DeploymentStrategy, type FargateService } from 'aws-cdk-lib/aws-ecs';
import type { ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import type { Environment } from '../../config/index.ts';
import type { EnvironmentContext } from '../common/stage-contract.ts';
import { fargateService } from './fargate-service.ts';
import type { KerberosTask } from './kerberos-task.ts';
import { taskSecurityGroup } from './task-security-group.ts';

export interface WebServiceProps {
  readonly context: EnvironmentContext;
  readonly vpc: IVpc;
  readonly task: KerberosTask;
  readonly serviceName: string;
  /** The port on which its container listens. */
  readonly port: number;
  readonly loadBalancerSecurityGroup: ISecurityGroup;
  /** A deployment is rolled back if one of these alarms goes off. */
  readonly deploymentAlarms: readonly IAlarm[];
  /** How new tasks replace old ones. */
  readonly deployment: Environment['service']['deployment'];
}

/** An ECS service behind a load balancer, with the security group rules for its connections. */
export class WebService extends Construct {
  readonly service: FargateService;

  constructor(scope: Construct, id: string, props: WebServiceProps) {
    super(scope, id);
    const { loadBalancerSecurityGroup, deploymentAlarms, deployment, port, ...common } = props;
    const securityGroup = taskSecurityGroup(this, {
      ...common,
      description: 'Tasks: the load balancer in; the directory, SQL Server and AWS out',
    });
    securityGroup.connections.allowFrom(loadBalancerSecurityGroup, Port.tcp(port), 'Requests');
    const blueGreen = deployment === 'blue-green';
    // Without `desiredCount`: auto scaling sets the number of tasks, and a deployment does not change it.
    this.service = fargateService(this, {
      ...common,
      securityGroup,
      // Time for the sidecar to get its first ticket, and for the service to open its first connection.
      healthCheckGracePeriod: Duration.seconds(120),
      deploymentAlarms: {
        alarmNames: deploymentAlarms.map(({ alarmName }) => alarmName),
        behavior: AlarmBehavior.ROLLBACK_ON_ALARM,
      },
      deploymentStrategy: blueGreen ? DeploymentStrategy.BLUE_GREEN : DeploymentStrategy.ROLLING,
      ...(blueGreen && { bakeTime: Duration.minutes(5) }),
    });
  }

  /**
   * Adds tasks when they are busy, and removes them, more slowly, when they are not.
   *
   * @param targetGroup the target group for all requests, if there is only one
   */
  scale(
    { minimumTasks, maximumTasks }: Pick<Environment['service'], 'minimumTasks' | 'maximumTasks'>,
    targetGroup?: ApplicationTargetGroup,
  ): void {
    const scaling = this.service.autoScaleTaskCount({ minCapacity: minimumTasks, maxCapacity: maximumTasks });
    const cooldowns = { scaleOutCooldown: Duration.minutes(1), scaleInCooldown: Duration.minutes(5) };
    scaling.scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: 60, ...cooldowns });
    if (targetGroup) {
      scaling.scaleOnRequestCount('Requests', { requestsPerTarget: 1200, targetGroup, ...cooldowns });
    }
  }
}
