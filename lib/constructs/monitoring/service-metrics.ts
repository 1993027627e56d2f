import { MathExpression, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import {
  type ApplicationLoadBalancer,
  type ApplicationTargetGroup,
  HttpCodeElb,
  HttpCodeTarget,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Names } from '../../config/index.ts';
import { oneMinute } from './runbook-alarm.ts';
import { taskMetrics } from './task-metrics.ts';

/** What the load balancer, ECS and the sidecars tell about the service. */
export function serviceMetrics(
  loadBalancer: ApplicationLoadBalancer,
  targetGroups: readonly ApplicationTargetGroup[],
  names: Names,
) {
  const { metrics } = loadBalancer;
  const sum = { statistic: Stats.SUM, ...oneMinute };
  const requests = metrics.requestCount({ label: 'Requests', ...sum });
  const targetErrors = metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, {
    label: 'Answered 5xx',
    ...sum,
  });
  const balancerErrors = metrics.httpCodeElb(HttpCodeElb.ELB_5XX_COUNT, { label: 'Not answered', ...sum });
  return {
    requests,
    targetErrors,
    balancerErrors,
    errorPercent: new MathExpression({
      expression: '100 * (FILL(answered, 0) + FILL(unanswered, 0)) / IF(FILL(requests, 0) < 1, 1, requests)',
      usingMetrics: { answered: targetErrors, unanswered: balancerErrors, requests },
      label: 'Errors %',
      ...oneMinute,
    }),
    latencyMedian: metrics.targetResponseTime({
      label: 'Half of the requests',
      statistic: 'p50',
      ...oneMinute,
    }),
    latencyTail: metrics.targetResponseTime({ label: '99 of 100 requests', statistic: 'p99', ...oneMinute }),
    unhealthyTargets: targetGroups.map((group) =>
      group.metrics.unhealthyHostCount({ label: 'Cannot serve', statistic: Stats.MAXIMUM, ...oneMinute }),
    ),
    healthyTargets: targetGroups.map((group) =>
      group.metrics.healthyHostCount({ label: 'Can serve', statistic: Stats.MINIMUM, ...oneMinute }),
    ),
    ...taskMetrics(loadBalancer, names),
  };
}

export type ServiceMetrics = ReturnType<typeof serviceMetrics>;
