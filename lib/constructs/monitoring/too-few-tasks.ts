import { ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { RunbookAlarm, type RunbookAlarmProps } from './runbook-alarm.ts';

/** An alarm for fewer running tasks than wanted. */
export function tooFewTasks(
  scope: Construct,
  wanted: number,
  common: Pick<RunbookAlarmProps, 'context' | 'topic' | 'metric' | 'service'>,
): RunbookAlarm {
  return new RunbookAlarm(scope, 'too-few-tasks', {
    ...common,
    description: `Fewer than ${wanted} tasks have been running for 5 minutes.`,
    threshold: wanted,
    comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
    periods: 5,
    missingData: TreatMissingData.BREACHING,
  });
}
