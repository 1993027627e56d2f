import { alarmingLines, logKeys } from '@packages/contracts';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, type ILogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { namesOf } from '../../config/index.ts';
import type { EnvironmentContext } from '../common/stage-contract.ts';
import { oneMinute, RunbookAlarm } from './runbook-alarm.ts';

export interface DatabaseReachAlarmProps {
  readonly context: EnvironmentContext;
  readonly topic: ITopic;
  /** The log of the service's container. */
  readonly log: ILogGroup;
  /** The service; undefined for web. */
  readonly service?: string;
}

/**
 * Goes off when tasks cannot reach SQL Server. The load balancer keeps such tasks in service (decision 055), so its count of
 * unhealthy targets does not show them, and without traffic no request fails. Web logs it whenever its health is checked. A
 * worker logs it in each of its rounds; it also logs when SQL Server refuses its work or its own code fails.
 */
export class DatabaseReachAlarm extends Construct {
  constructor(scope: Construct, id: string, { context, topic, log, service }: DatabaseReachAlarmProps) {
    super(scope, id);
    const lines = service === undefined ? [alarmingLines.databaseUnreachable] : Object.values(alarmingLines);
    const filter = new MetricFilter(this, 'Unreachable', {
      logGroup: log,
      filterPattern: FilterPattern.any(
        ...lines.map((line) => FilterPattern.stringValue(`$.${logKeys.message}`, '=', line)),
      ),
      metricNamespace: 'WindowsAuthentication/Web',
      metricName: [namesOf(context.deployment, context.environment).prefix, service, 'database-unreachable']
        .filter((part) => part !== undefined)
        .join('-'),
    });
    new RunbookAlarm(this, 'database-unreachable', {
      context,
      topic,
      ...(service !== undefined && { service }),
      metric: filter.metric({ ...oneMinute, statistic: Stats.SUM }),
      description:
        service === undefined
          ? 'Tasks have not reached SQL Server for 5 minutes; they stay, and answer that they cannot serve.'
          : 'Tasks have not reached SQL Server for 5 minutes, or their work was refused or has failed; they go on trying.',
      threshold: 1,
      periods: 5,
    });
  }
}
