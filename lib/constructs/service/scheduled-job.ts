import { Duration, Stack, TimeZone } from 'aws-cdk-lib';
import { MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, FargatePlatformVersion } from 'aws-cdk-lib/aws-ecs';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-scheduler-targets';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import {
  DefinitionBody,
  IntegrationPattern,
  LogLevel,
  StateMachine,
  StateMachineType,
  Timeout,
} from 'aws-cdk-lib/aws-stepfunctions';
import { EcsFargateLaunchTarget, EcsRunTask } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import { type Job, namesOf } from '../../config/index.ts';
import { acknowledge } from '../common/acknowledge.ts';
import { environmentLogGroup } from '../common/environment-log-group.ts';
import type { EnvironmentContext } from '../common/stage-contract.ts';
import { fiveMinutes, RunbookAlarm } from '../monitoring/runbook-alarm.ts';
import { extraSecurityGroups } from '../network/extra-security-groups.ts';
import { subnetGroups } from '../network/subnet-groups.ts';
import type { KerberosTask } from './kerberos-task.ts';
import { taskSecurityGroup } from './task-security-group.ts';

export interface ScheduledJobProps {
  readonly context: EnvironmentContext;
  readonly job: Job;
  /** Also the name of the state machine. */
  readonly serviceName: string;
  readonly vpc: IVpc;
  readonly task: KerberosTask;
  readonly topic: ITopic;
}

/** The actions that Step Functions requires for logging and tracing. */
const logsAndTraces = [
  'logs:CreateLogDelivery',
  'logs:DeleteLogDelivery',
  'logs:DescribeLogGroups',
  'logs:DescribeResourcePolicies',
  'logs:GetLogDelivery',
  'logs:ListLogDeliveries',
  'logs:PutResourcePolicy',
  'logs:UpdateLogDelivery',
  'xray:GetSamplingRules',
  'xray:GetSamplingTargets',
  'xray:PutTelemetryRecords',
  'xray:PutTraceSegments',
];

/**
 * Runs a task on a schedule and follows it to its end (decision 058). EventBridge Scheduler alone would know only that the
 * task was started, so it starts a state machine with one state. That waits for the task, retries it if the container exits
 * with a code other than 0, and stops it if it takes too long. The alarm counts the state machine's failures.
 */
export class ScheduledJob extends Construct {
  readonly stateMachine: StateMachine;

  constructor(scope: Construct, id: string, props: ScheduledJobProps) {
    super(scope, id);
    const { job, context, topic } = props;
    this.stateMachine = this.#stateMachine(props);
    const undelivered = new Queue(this, 'Undelivered', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    acknowledge(undelivered, {
      SQS3: 'It is itself the place for what could not be delivered: a start that Scheduler gave up.',
    });
    new Schedule(this, 'Schedule', {
      description: `Runs ${job.name}`,
      schedule: ScheduleExpression.expression(job.schedule, TimeZone.of(job.timeZone)),
      target: new StepFunctionsStartExecution(this.stateMachine, {
        deadLetterQueue: undelivered,
        retryAttempts: 10,
        maxEventAge: Duration.hours(1),
      }),
    });
    new RunbookAlarm(this, 'job-failed', {
      context,
      topic,
      service: job.name,
      metric: new MathExpression({
        expression: 'FILL(failed, 0) + FILL(aborted, 0) + FILL(waiting, 0)',
        usingMetrics: {
          failed: this.stateMachine.metricFailed(fiveMinutes),
          aborted: this.stateMachine.metricAborted(fiveMinutes),
          waiting: undelivered.metricApproximateNumberOfMessagesVisible(fiveMinutes),
        },
        label: 'Failures',
        ...fiveMinutes,
      }),
      description: 'A run has failed, all its repetitions with it, or could not be started.',
      threshold: 1,
      periods: 1,
    });
  }

  #stateMachine({ context, job, serviceName, vpc, task }: ScheduledJobProps) {
    const { clusterName } = namesOf(context.deployment, context.environment);
    const subnets = { subnetGroupName: subnetGroups.private };
    const securityGroups = [
      taskSecurityGroup(this, {
        context,
        vpc,
        task,
        description: `Tasks of ${job.name}: the directory, SQL Server and AWS out, nobody in`,
      }),
      ...extraSecurityGroups(this, context.environment, 'tasks'),
    ];
    task.doctor.runsIn({
      subnets: vpc.selectSubnets(subnets).subnetIds,
      securityGroups: securityGroups.map(({ securityGroupId }) => securityGroupId),
    });
    const run = new EcsRunTask(this, 'Run', {
      integrationPattern: IntegrationPattern.RUN_JOB,
      cluster: Cluster.fromClusterAttributes(this, 'Cluster', { clusterName, vpc }),
      taskDefinition: task.definition,
      launchTarget: new EcsFargateLaunchTarget({ platformVersion: FargatePlatformVersion.LATEST }),
      subnets,
      assignPublicIp: false,
      securityGroups,
      // When it elapses, Step Functions stops the task.
      taskTimeout: Timeout.duration(Duration.minutes(job.timeoutMinutes)),
    });
    if (job.retries > 0) {
      run.addRetry({ interval: Duration.minutes(1), backoffRate: 2, maxAttempts: job.retries });
    }
    const role = this.#role({ context, job, task });
    const stateMachine = new StateMachine(this, 'Runs', {
      stateMachineName: serviceName,
      comment: `Runs ${job.name} to its end`,
      definitionBody: DefinitionBody.fromChainable(run),
      stateMachineType: StateMachineType.STANDARD,
      // The CDK's own policy would let it stop every task in the account.
      role: role.withoutPolicyUpdates(),
      logs: { destination: environmentLogGroup(this, 'Logs', context.environment), level: LogLevel.ALL },
      tracingEnabled: true,
    });
    stateMachine.node.addDependency(role);
    return stateMachine;
  }

  /**
   * Allows running this task in this cluster, following it with the rule that Step Functions manages for that, and stopping
   * it.
   *
   * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html#connect-iam-ecs
   */
  #role({ context, job, task }: Pick<ScheduledJobProps, 'context' | 'job' | 'task'>): Role {
    const stack = Stack.of(this);
    const { clusterName } = namesOf(context.deployment, context.environment);
    const cluster = stack.formatArn({ service: 'ecs', resource: 'cluster', resourceName: clusterName });
    const tasks = stack.formatArn({ service: 'ecs', resource: 'task', resourceName: `${clusterName}/*` });
    const role = new Role(this, 'Role', {
      description: `Runs ${job.name}`,
      assumedBy: new ServicePrincipal('states.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
      }),
      inlinePolicies: {
        Run: new PolicyDocument({
          statements: [
            new PolicyStatement({
              actions: ['ecs:RunTask'],
              resources: [task.definition.taskDefinitionArn],
              conditions: { ArnEquals: { 'ecs:cluster': cluster } },
            }),
            new PolicyStatement({ actions: ['ecs:DescribeTasks', 'ecs:StopTask'], resources: [tasks] }),
            new PolicyStatement({
              actions: ['iam:PassRole'],
              resources: [task.definition.taskRole.roleArn, task.definition.obtainExecutionRole().roleArn],
              conditions: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
            }),
            new PolicyStatement({
              actions: ['events:DescribeRule', 'events:PutRule', 'events:PutTargets'],
              resources: [
                stack.formatArn({
                  service: 'events',
                  resource: 'rule',
                  resourceName: 'StepFunctionsGetEventsForECSTaskRule',
                }),
              ],
            }),
            new PolicyStatement({ actions: logsAndTraces, resources: ['*'] }),
          ],
        }),
      },
    });
    acknowledge(role, {
      [`IAM5[Resource::${tasks}]`]: 'A task that was started has no ARN beforehand.',
      'IAM5[Resource::*]':
        'The actions that hand logs to CloudWatch and traces to X-Ray have no resource level (Step Functions asks for them).',
    });
    return role;
  }
}
