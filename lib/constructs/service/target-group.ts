import { webPaths, webPort } from '@packages/contracts';
import { Duration } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import {
  ApplicationProtocol,
  ApplicationTargetGroup,
  TargetType,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/index.ts';
import { shutdownTimes } from './shutdown-times.ts';

export interface AskedTasks {
  /** Where tasks are asked for their health; default: as web's. */
  readonly healthPath?: string;
}

interface TargetGroupProps extends AskedTasks {
  readonly vpc: IVpc;
  /** The environment as the load balancer has it. */
  readonly environment: Pick<Environment, 'loadBalancer'>;
}

/** A group of tasks: those that could serve once, and have what is theirs alone; see decision 055. */
export function addTargetGroup(
  scope: Construct,
  id: string,
  { vpc, environment, healthPath = webPaths.healthy }: TargetGroupProps,
): ApplicationTargetGroup {
  // A group belongs to one load balancer, and another scheme is another load balancer.
  const prefix = environment.loadBalancer.scheme === 'internal' ? '' : 'Public';
  return new ApplicationTargetGroup(scope, `${prefix}${id}`, {
    vpc,
    targetType: TargetType.IP,
    protocol: ApplicationProtocol.HTTP,
    // Each task is registered with the port of its own; this one is for those that are not.
    port: webPort,
    deregistrationDelay: Duration.seconds(shutdownTimes.deregistrationDelay),
    healthCheck: {
      path: healthPath,
      interval: Duration.seconds(10),
      timeout: Duration.seconds(5),
      healthyThresholdCount: 2,
      unhealthyThresholdCount: 2,
      healthyHttpCodes: '200',
    },
  });
}
