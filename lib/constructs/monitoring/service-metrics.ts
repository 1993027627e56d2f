import { type IMetric, MathExpression, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import {
  type ApplicationLoadBalancer,
  type ApplicationTargetGroup,
  HttpCodeElb,
  HttpCodeTarget,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import type { EnvironmentNames } from '../../config/index.ts';
import { oneMinute } from './runbook-alarm.ts';
import { taskMetrics } from './task-metrics.ts';

const sum = { statistic: Stats.SUM, ...oneMinute };

/** The metrics of a load balancer that has only one service. */
export function metricsOfBalancer({ metrics }: ApplicationLoadBalancer) {
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
  };
}

/** The same metrics of one service, from its target groups: other services may share its load balancer. */
export function metricsOfGroups(groups: readonly ApplicationTargetGroup[]): TrafficMetrics {
  const each = groups.map(({ metrics }) => ({
    requests: metrics.requestCount({ label: 'Requests', ...sum }),
    answered: metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, { label: 'Answered 5xx', ...sum }),
    unanswered: metrics.targetConnectionErrorCount({ label: 'Not answered', ...sum }),
    median: metrics.targetResponseTime({ label: 'Half of the requests', statistic: 'p50', ...oneMinute }),
    tail: metrics.targetResponseTime({ label: '99 of 100 requests', statistic: 'p99', ...oneMinute }),
  }));
  type Part = keyof (typeof each)[number];
  const using = (...parts: readonly Part[]) =>
    Object.fromEntries(
      each.flatMap((group, index) => parts.map((part) => [`${part}${index}`, group[part]] as const)),
    );
  const all = (...parts: readonly Part[]) => Object.keys(using(...parts)).map((name) => `FILL(${name}, 0)`);
  const one = (part: Part, expression: string, label: string): IMetric =>
    each.length === 1 && each[0]
      ? each[0][part]
      : new MathExpression({ expression, usingMetrics: using(part), label, ...oneMinute });
  const total = (part: Part, label: string) => one(part, all(part).join(' + '), label);
  const worst = (part: Part, label: string) => one(part, `MAX([${all(part).join(', ')}])`, label);
  const requests = all('requests').join(' + ');
  return {
    requests: total('requests', 'Requests'),
    targetErrors: total('answered', 'Answered 5xx'),
    balancerErrors: total('unanswered', 'Not answered'),
    errorPercent: new MathExpression({
      expression: `100 * (${all('answered', 'unanswered').join(' + ')}) / IF(${requests} < 1, 1, ${requests})`,
      usingMetrics: using('answered', 'unanswered', 'requests'),
      label: 'Errors %',
      ...oneMinute,
    }),
    latencyMedian: worst('median', 'Half of the requests'),
    latencyTail: worst('tail', '99 of 100 requests'),
  };
}

/** The metrics of the service from the load balancer, ECS and the sidecars. */
export function serviceMetrics(
  scope: Construct,
  traffic: TrafficMetrics,
  targetGroups: readonly ApplicationTargetGroup[],
  names: Pick<EnvironmentNames, 'clusterName' | 'serviceName'>,
) {
  return {
    ...traffic,
    unhealthyTargets: targetGroups.map((group) =>
      group.metrics.unhealthyHostCount({ label: 'Cannot serve', statistic: Stats.MAXIMUM, ...oneMinute }),
    ),
    healthyTargets: targetGroups.map((group) =>
      group.metrics.healthyHostCount({ label: 'Can serve', statistic: Stats.MINIMUM, ...oneMinute }),
    ),
    ...taskMetrics(scope, names),
  };
}

/** What clients see of a service. */
type TrafficMetrics = Readonly<Record<keyof ReturnType<typeof metricsOfBalancer>, IMetric>>;
export type ServiceMetrics = ReturnType<typeof serviceMetrics>;
