import { ComparisonOperator } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { WithOwnDatabase } from '../../config/index.ts';
import type { EnvironmentContext } from '../common/stage-contract.ts';
import { databaseMetrics } from './database-metrics.ts';
import { RunbookAlarm } from './runbook-alarm.ts';

const GiB = 1024 ** 3;

/** The names of the alarms below, for the dashboard, which is in another stack. */
export const databaseAlarmNames = ['database-busy', 'database-storage-low'] as const;

/** Alarms about our own SQL Server. */
export class DatabaseAlarms extends Construct {
  constructor(
    scope: Construct,
    id: string,
    context: EnvironmentContext & { readonly environment: WithOwnDatabase },
    topic: ITopic,
  ) {
    super(scope, id);
    const metrics = databaseMetrics(context.environment);
    const common = { context, topic };
    new RunbookAlarm(this, 'database-busy', {
      ...common,
      metric: metrics.cpu,
      description: 'The CPU of SQL Server has been above 90 % for 15 minutes.',
      threshold: 90,
      periods: 3,
    });
    new RunbookAlarm(this, 'database-storage-low', {
      ...common,
      metric: metrics.freeStorage,
      description: 'SQL Server has less than 4 GiB of storage left, which RDS should have extended by now.',
      threshold: 4 * GiB,
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      periods: 3,
    });
  }
}
