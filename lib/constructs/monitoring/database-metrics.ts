import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { WithOwnDatabase } from '../../config/index.ts';
import { fiveMinutes } from './runbook-alarm.ts';

/**
 * The metrics of an environment's own SQL Server.
 *
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html
 */
export function databaseMetrics({ database, region, account }: WithOwnDatabase) {
  const metric = (metricName: string, label: string, statistic: string = Stats.AVERAGE) =>
    new Metric({
      namespace: 'AWS/RDS',
      metricName,
      label,
      statistic,
      dimensionsMap: { DBInstanceIdentifier: database.identifier },
      region,
      account,
      ...fiveMinutes,
    });
  return {
    cpu: metric('CPUUtilization', 'CPU %'),
    connections: metric('DatabaseConnections', 'Connections'),
    freeStorage: metric('FreeStorageSpace', 'Free storage', Stats.MINIMUM),
    freeMemory: metric('FreeableMemory', 'Free memory', Stats.MINIMUM),
    readLatency: metric('ReadLatency', 'Read latency'),
    writeLatency: metric('WriteLatency', 'Write latency'),
  };
}
