import { ComparisonOperator } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { EnvironmentContext } from '../common/stage-contract.ts';
import { RunbookAlarm } from './runbook-alarm.ts';
import type { ServiceMetrics } from './service-metrics.ts';

export interface ServiceAlarmsProps {
  readonly context: EnvironmentContext;
  readonly topic: ITopic;
  readonly metrics: ServiceMetrics;
  /** The service; undefined for web. */
  readonly service?: string;
}

/** Alarms about what clients see. The first two also stop and roll back a deployment. */
export class ServiceAlarms extends Construct {
  /** The alarms that roll back a deployment. */
  readonly duringDeployment: readonly RunbookAlarm[];

  constructor(scope: Construct, id: string, props: ServiceAlarmsProps) {
    super(scope, id);
    const { metrics, ...common } = props;
    const errors = new RunbookAlarm(this, 'many-errors', {
      ...common,
      metric: metrics.errorPercent,
      description: 'More than 5 % of the requests have failed for 3 minutes.',
      threshold: 5,
      comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
      periods: 3,
    });
    const latency = new RunbookAlarm(this, 'slow-answers', {
      ...common,
      metric: metrics.latencyTail,
      description: 'One request in a hundred has taken longer than 3 seconds for 5 minutes.',
      threshold: 3,
      periods: 5,
    });
    metrics.unhealthyTargets.forEach((metric, index) => {
      new RunbookAlarm(this, index === 0 ? 'tasks-cannot-serve' : 'tasks-cannot-serve-green', {
        ...common,
        metric,
        description: 'A task has not been able to serve for 10 minutes.',
        threshold: 1,
        periods: 10,
      });
    });
    this.duringDeployment = [errors, latency];
  }
}
