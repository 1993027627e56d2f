import type { PinnedEnvironment } from '@packages/contracts';
import { Duration, Stack } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { ISecurityGroup, IVpc } from 'aws-cdk-lib/aws-ec2';
import { PolicyDocument, type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  type CfnFunction,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { FilterPattern, type ILogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { namesOf } from '../../config/index.ts';
import { fiveMinutes, RunbookAlarm } from '../monitoring/runbook-alarm.ts';
import { addExtraSecurityGroups } from '../network/extra-security-groups.ts';
import { acknowledgeNetworkInterfaces, networkInterfaces } from '../network/network-interfaces.ts';
import { subnetGroups } from '../network/subnet-groups.ts';
import { acknowledge } from './acknowledge.ts';
import { environmentLogGroup } from './environment-log-group.ts';
import { entryPoint, type ProvisioningHandler, provisioningCode } from './provisioning-code.ts';
import type { EnvironmentContext } from './stage-contract.ts';

export interface ProvisioningFunctionProps {
  readonly context: EnvironmentContext;
  readonly handler: ProvisioningHandler;
  readonly description: string;
  /** What the function may do beyond writing its log. */
  readonly statements: readonly PolicyStatement[];
  readonly timeout: Duration;
  readonly variables?: Readonly<Record<string, string>>;
  /** The identifying properties of the one custom resource that the function accepts: `pins` of its handler. */
  readonly pinned?: Readonly<Record<string, string>>;
  /** Where the function runs if it must reach something in the VPC; default: outside of any VPC. */
  readonly network?: { readonly vpc: IVpc; readonly securityGroup: ISecurityGroup };
  readonly alarmTopic: ITopic;
  /** The alarm for failures of the function, and the further service that it is about, if any. */
  readonly alarm: {
    readonly name: string;
    readonly description: string;
    readonly service?: string | undefined;
  };
}

/** A provisioning function with its own log, role and dead-letter queue, and an alarm for its failures. */
export class ProvisioningFunction extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: ProvisioningFunctionProps) {
    super(scope, id);
    const { context, handler, description, timeout, variables, network } = props;
    const logGroup = environmentLogGroup(this, 'Logs', context.environment);
    const deadLetterQueue = this.#deadLetters();
    const role = this.#role(props);
    logGroup.grantWrite(role);
    this.function = new LambdaFunction(this, 'Function', {
      description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: entryPoint,
      code: provisioningCode(handler),
      role,
      memorySize: 256,
      timeout,
      environment: {
        ...variables,
        ...(props.pinned &&
          ({ PINNED: Stack.of(this).toJsonString(props.pinned) } satisfies PinnedEnvironment)),
      },
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
    if (network) {
      const resource = this.function.node.defaultChild as CfnFunction;
      const { securityGroupId } = network.securityGroup;
      addExtraSecurityGroups(
        resource,
        context.environment,
        'functions',
        'VpcConfig.SecurityGroupIds',
        securityGroupId,
      );
    }
    this.#alarm(props, deadLetterQueue, this.#failures(props, logGroup));
  }

  /**
   * Counts the errors in the log: a failure that the function reports to CloudFormation does not count as a Lambda error.
   */
  #failures({ context, alarm }: ProvisioningFunctionProps, logGroup: ILogGroup): IMetric {
    const filter = new MetricFilter(this, 'Failures', {
      logGroup,
      filterPattern: FilterPattern.stringValue('$.level', '=', 'ERROR'),
      metricNamespace: 'WindowsAuthentication/Provisioning',
      metricName: [namesOf(context.deployment, context.environment).prefix, alarm.service, alarm.name]
        .filter((part) => part !== undefined)
        .join('-'),
    });
    return filter.metric({ ...fiveMinutes, statistic: Stats.SUM });
  }

  /** Goes off at the first failure, and stays on while the dead-letter queue holds an event. */
  #alarm(
    { context, alarm, alarmTopic }: ProvisioningFunctionProps,
    deadLetterQueue: Queue,
    failed: IMetric,
  ): void {
    new RunbookAlarm(this, alarm.name, {
      context,
      topic: alarmTopic,
      ...(alarm.service !== undefined && { service: alarm.service }),
      metric: new MathExpression({
        expression: 'FILL(failed, 0) + FILL(errors, 0) + FILL(waiting, 0)',
        usingMetrics: {
          failed,
          errors: this.function.metricErrors(fiveMinutes),
          waiting: deadLetterQueue.metricApproximateNumberOfMessagesVisible(fiveMinutes),
        },
        label: 'Failures',
        ...fiveMinutes,
      }),
      description: alarm.description,
      threshold: 1,
      periods: 1,
    });
  }

  #deadLetters(): Queue {
    return new Queue(this, 'DeadLetters', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
  }

  #role({ context, description, statements, network }: ProvisioningFunctionProps): Role {
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description,
      inlinePolicies: {
        ...(statements.length > 0 && { Provision: new PolicyDocument({ statements: [...statements] }) }),
        ...(network && { Network: networkInterfaces(this, context.environment) }),
      },
    });
    if (network) acknowledgeNetworkInterfaces(role, context.environment);
    const everywhere = statements.filter(({ resources }) => resources.includes('*'));
    if (everywhere.length > 0) {
      const actions = everywhere.flatMap(({ actions }) => actions).join(' and ');
      acknowledge(role, { 'IAM5[Resource::*]': `${actions} has no resource level.` });
    }
    return role;
  }
}
