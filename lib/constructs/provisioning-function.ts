import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ISecurityGroup, IVpc } from 'aws-cdk-lib/aws-ec2';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Function as LambdaFunction, LoggingFormat, Runtime } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Environment } from '../config/index.ts';
import { acknowledge } from './acknowledge.ts';
import { environmentLogGroup } from './environment-log-group.ts';
import { type ProvisioningHandler, provisioningCode } from './provisioning-code.ts';
import { subnetGroups } from './subnet-groups.ts';

export interface ProvisioningFunctionProps {
  readonly environment: Environment;
  readonly handler: ProvisioningHandler;
  readonly description: string;
  /** What it may do beyond writing its log. */
  readonly statements: readonly PolicyStatement[];
  readonly timeout: Duration;
  readonly variables?: Readonly<Record<string, string>>;
  /** Where it stands when it must reach something in the VPC; default: outside of any VPC. */
  readonly network?: { readonly vpc: IVpc; readonly securityGroup: ISecurityGroup };
  readonly alarmTopic: ITopic;
  /** The section of `docs/operate.md` that tells what to do when it fails. */
  readonly runbook: string;
}

/** A function that provisions: pinned runtime, its own log, role and dead-letter queue, alarms when it fails. */
export class ProvisioningFunction extends Construct {
  readonly function: LambdaFunction;
  /** For dashboards. */
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, props: ProvisioningFunctionProps) {
    super(scope, id);
    const { environment, handler, description, timeout, variables, network } = props;
    const logGroup = environmentLogGroup(this, 'Logs', environment);
    const deadLetterQueue = this.#deadLetters();
    const role = this.#role(props);
    logGroup.grantWrite(role);
    this.function = new LambdaFunction(this, 'Function', {
      description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: provisioningCode(handler),
      role,
      memorySize: 256,
      timeout,
      environment: { ...variables },
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      deadLetterQueue,
      retryAttempts: 2,
      maxEventAge: Duration.hours(1),
      ...(network && {
        vpc: network.vpc,
        vpcSubnets: { subnetGroupName: subnetGroups.private },
        securityGroups: [network.securityGroup],
      }),
    });
    this.alarms = [
      this.#alarm('Errors', props, this.function.metricErrors({ period: Duration.minutes(5) }), 'failed'),
      this.#alarm(
        'DeadLetters',
        props,
        deadLetterQueue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(5) }),
        'gave an event up',
      ),
    ];
  }

  #deadLetters(): Queue {
    return new Queue(this, 'DeadLetters', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
  }

  #role({ description, statements, network }: ProvisioningFunctionProps): Role {
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description,
      inlinePolicies: {
        ...(statements.length > 0 && { Provision: new PolicyDocument({ statements: [...statements] }) }),
        ...(network && { Network: new PolicyDocument({ statements: [networkInterfaces] }) }),
      },
    });
    const wildcard = statements.some(({ resources }) => resources.includes('*'));
    if (network || wildcard) {
      acknowledge(role, {
        'IAM5[Resource::*]':
          'Lambda describes and attaches the network interfaces of a function in a VPC with actions that have no ' +
          'resource level, nor has secretsmanager:GetRandomPassword; all else names its resource.',
      });
    }
    return role;
  }

  #alarm(id: string, props: ProvisioningFunctionProps, metric: IMetric, what: string): Alarm {
    const alarm = new Alarm(this, `${id}Alarm`, {
      metric,
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      alarmDescription:
        `${props.description}: the function ${what}. ` +
        `What to do: docs/operate.md#${props.runbook}; its log says in one sentence what went wrong.`,
    });
    alarm.addAlarmAction(new SnsAction(props.alarmTopic));
    return alarm;
  }
}

/**
 * What Lambda needs to put a function into a VPC, instead of the managed policy AWSLambdaVPCAccessExecutionRole, which
 * would also let it write to every log group.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
 */
const networkInterfaces = new PolicyStatement({
  actions: [
    'ec2:CreateNetworkInterface',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSubnets',
    'ec2:DeleteNetworkInterface',
    'ec2:AssignPrivateIpAddresses',
    'ec2:UnassignPrivateIpAddresses',
  ],
  resources: ['*'],
});
