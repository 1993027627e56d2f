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
  /** The service, unless it is web. */
  readonly service?: string;
}

/**
 * Tells that tasks cannot reach SQL Server. The load balancer keeps such tasks (decision 055), so its own count of unhealthy
 * ones does not tell, and without visitors no request fails; but web says so whenever its health is asked for. A worker says
 * so at each of its rounds, also when SQL Server refuses its work, or it fails by itself: nobody else would see that.
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
