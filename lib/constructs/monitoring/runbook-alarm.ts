import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { namesOf, runbookSection } from '../../config/index.ts';
import { type EnvironmentContext, readContract } from '../common/stage-contract.ts';

export interface RunbookAlarmProps {
  readonly context: EnvironmentContext;
  readonly topic: ITopic;
  /** The further service that the alarm is about, if any; the alarm's name and description include it. */
  readonly service?: string;
  readonly metric: IMetric;
  /** What is wrong when the alarm goes off, in one sentence. */
  readonly description: string;
  readonly threshold: number;
  /** @default - at or above the threshold */
  readonly comparison?: ComparisonOperator;
  /** How many periods in a row. */
  readonly periods: number;
  /** @default - missing data does not raise the alarm */
  readonly missingData?: TreatMissingData;
}

/**
 * An alarm whose description says what is wrong and links to the section of the runbook that says what to do.
 * Its id, such as `no-ticket`, is its name within the environment and the anchor of that section.
 */
export class RunbookAlarm extends Alarm {
  constructor(scope: Construct, id: string, props: RunbookAlarmProps) {
    const { context, service, metric, description, threshold, periods } = props;
    const { prefix } = namesOf(context.deployment, context.environment);
    super(scope, id, {
      alarmName: service === undefined ? `${prefix}-${id}` : `${prefix}-${service}-${id}`,
      alarmDescription: `${service === undefined ? '' : `${service}: `}${description} What to do: ${runbookSection(context.deployment, id)}`,
      metric,
      threshold,
      comparisonOperator: props.comparison ?? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: periods,
      treatMissingData: props.missingData ?? TreatMissingData.NOT_BREACHING,
    });
    const tell = new SnsAction(props.topic);
    this.addAlarmAction(tell);
    this.addOkAction(tell);
  }
}

/** The alarm topic of an environment, for stacks of later stages. */
export function environmentAlarmTopic(scope: Construct, context: EnvironmentContext): ITopic {
  return Topic.fromTopicArn(scope, 'AlarmTopic', readContract(scope, context, 'network', 'alarm-topic-arn'));
}

export const fiveMinutes = { period: Duration.minutes(5) } as const;
export const oneMinute = { period: Duration.minutes(1) } as const;
