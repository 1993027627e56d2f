import { type PasswordRotatedDetail, passwordRotatedEvent } from '@packages/contracts';
import { Duration, Stack } from 'aws-cdk-lib';
import { MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule } from 'aws-cdk-lib/aws-events';
import { SfnStateMachine } from 'aws-cdk-lib/aws-events-targets';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { CallAwsService } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import { namesOf, redeploysOnRotation, type User, type Worker } from '../../config/index.ts';
import { acknowledge } from '../common/acknowledge.ts';
import { environmentLogGroup } from '../common/environment-log-group.ts';
import type { EnvironmentContext } from '../common/stage-contract.ts';
import { fiveMinutes, RunbookAlarm } from '../monitoring/runbook-alarm.ts';

interface RedeployOnRotationProps {
  readonly context: EnvironmentContext;
  /** The ECS service whose tasks are replaced. */
  readonly serviceName: string;
  /** The further service, for the alarm's name; undefined for web. */
  readonly service?: string;
  /** The secret whose new version the tasks need. */
  readonly userSecretArn: string;
  readonly topic: ITopic;
}

/**
 * Starts new tasks after a password rotation, if ECS injects the password and our function rotates it.
 */
export function redeployOnRotation(
  scope: Construct,
  {
    user,
    credentialMode,
    ...props
  }: RedeployOnRotationProps & Pick<Worker, 'credentialMode'> & { readonly user: User },
): void {
  if (redeploysOnRotation({ user, credentialMode })) new RedeployOnRotation(scope, 'Rotation', props);
}

/**
 * ECS injects a secret only when a task starts. Therefore a rotation forces a deployment, like that of a new image: an
 * event, a rule, and a state machine that makes one call. Meanwhile running tasks keep using their tickets, which outlive
 * the old password, so the call can be retried for more than an hour. An event that could not start the state machine waits
 * in a queue. The alarm covers both.
 */
class RedeployOnRotation extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { context, serviceName, service, userSecretArn, topic }: RedeployOnRotationProps,
  ) {
    super(scope, id);
    const { clusterName } = namesOf(context.deployment, context.environment);
    const call = new CallAwsService(this, 'StartNewTasks', {
      service: 'ecs',
      action: 'updateService',
      parameters: { Cluster: clusterName, Service: serviceName, ForceNewDeployment: true },
      iamResources: [
        Stack.of(this).formatArn({
          service: 'ecs',
          resource: 'service',
          resourceName: `${clusterName}/${serviceName}`,
        }),
      ],
    });
    // After 10, 20, 40 … seconds, at most 15 minutes apart: 80 minutes in total.
    call.addRetry({
      interval: Duration.seconds(10),
      backoffRate: 2,
      maxDelay: Duration.minutes(15),
      maxAttempts: 11,
    });
    const stateMachine = new StateMachine(this, 'Redeployment', {
      comment: 'Starts new tasks when the password of the directory user was rotated',
      definitionBody: DefinitionBody.fromChainable(call),
      stateMachineType: StateMachineType.STANDARD,
      logs: { destination: environmentLogGroup(this, 'Logs', context.environment), level: LogLevel.ALL },
      tracingEnabled: true,
    });
    acknowledge(stateMachine, {
      'IAM5[Resource::*]':
        'The actions that hand logs to CloudWatch and traces to X-Ray have no resource level (Step Functions asks for them).',
    });
    const undelivered = new Queue(this, 'Undelivered', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    acknowledge(undelivered, {
      SQS3: 'It is itself the place for what could not be delivered: the event that EventBridge gave up.',
    });
    new Rule(this, 'PasswordRotated', {
      description: 'The password of the directory user was rotated',
      eventPattern: {
        source: [passwordRotatedEvent.source],
        detailType: [passwordRotatedEvent.detailType],
        detail: { secretArn: [userSecretArn] } satisfies Partial<
          Record<keyof PasswordRotatedDetail, string[]>
        >,
      },
      targets: [new SfnStateMachine(stateMachine, { deadLetterQueue: undelivered })],
    });
    new RunbookAlarm(this, 'redeployment-fails', {
      context,
      topic,
      ...(service !== undefined && { service }),
      metric: new MathExpression({
        expression: 'FILL(failed, 0) + FILL(waiting, 0)',
        usingMetrics: {
          failed: stateMachine.metricFailed(fiveMinutes),
          waiting: undelivered.metricApproximateNumberOfMessagesVisible(fiveMinutes),
        },
        label: 'Failures',
        ...fiveMinutes,
      }),
      description:
        'The password was rotated but no new tasks were started: the next task restart repairs it.',
      threshold: 1,
      periods: 1,
    });
  }
}
