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
  /** The path of the health check; default: web's. */
  readonly healthPath?: string;
}

interface TargetGroupProps extends AskedTasks {
  readonly vpc: IVpc;
  /** The environment, or one with the load balancer's own settings. */
  readonly environment: Pick<Environment, 'loadBalancer'>;
}

/** A target group. Its health check decides which tasks get requests and which ones ECS replaces; see decision 055. */
export function addTargetGroup(
  scope: Construct,
  id: string,
  { vpc, environment, healthPath = webPaths.healthy }: TargetGroupProps,
): ApplicationTargetGroup {
  // A target group belongs to one load balancer, and a change of scheme replaces the load balancer.
  const prefix = environment.loadBalancer.scheme === 'internal' ? '' : 'Public';
  return new ApplicationTargetGroup(scope, `${prefix}${id}`, {
    vpc,
    targetType: TargetType.IP,
    protocol: ApplicationProtocol.HTTP,
    // The default port. ECS registers each task with its own port.
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
