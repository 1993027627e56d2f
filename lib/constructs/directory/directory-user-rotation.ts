import { type DirectoryUserRotationEnvironment, passwordRotatedEvent } from '@packages/contracts';
import { Duration, Stack } from 'aws-cdk-lib';
import { type ISecurityGroup, type IVpc, Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnRotationSchedule } from 'aws-cdk-lib/aws-secretsmanager';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { ProvisioningFunction } from '../common/provisioning-function.ts';
import type { Place } from '../common/stage-contract.ts';
import { allowDns } from '../network/allow-dns.ts';
import { type AwsAccess, allowEndpoints } from '../network/aws-access.ts';
import type { DirectoryUser } from './directory-user.ts';

export interface DirectoryUserRotationProps {
  readonly place: Place;
  readonly user: DirectoryUser;
  readonly directoryId: string;
  /** IPv4 addresses of the domain controllers. */
  readonly domainControllers: readonly string[];
  readonly rotationDays: number;
  readonly vpc: IVpc;
  readonly awsAccess: AwsAccess;
  readonly alarmTopic: ITopic;
}

/**
 * Rotates the directory user's password: Secrets Manager calls a function that sets it in the directory, asks a domain
 * controller whether it works (Kerberos, TCP 88), makes it current, and sends `passwordRotatedEvent` to the default bus.
 * The function stands in the private subnets and needs the endpoints of Secrets Manager, Directory Service, EventBridge.
 */
export class DirectoryUserRotation extends Construct {
  readonly provisioning: ProvisioningFunction;
  readonly securityGroup: ISecurityGroup;

  constructor(scope: Construct, id: string, props: DirectoryUserRotationProps) {
    super(scope, id);
    const { place, domainControllers, vpc } = props;
    const { environment } = place;
    const { secret } = props.user;
    const securityGroup = new SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'Rotation of the directory user: to AWS endpoints and to the domain controllers',
      allowAllOutbound: false,
    });
    allowDns(securityGroup, environment);
    allowEndpoints(securityGroup, props.awsAccess);
    domainControllers.forEach((address, index) => {
      securityGroup.addEgressRule(
        Peer.ipv4(`${address}/32`),
        Port.tcp(88),
        `Kerberos of domain controller ${index + 1}`,
      );
    });
    this.securityGroup = securityGroup;
    this.provisioning = new ProvisioningFunction(this, 'Provisioning', {
      place,
      handler: 'directory-user-rotation',
      description: 'Rotates the password of the directory user',
      timeout: Duration.minutes(3),
      statements: this.#statements(props),
      network: { vpc, securityGroup },
      variables: {
        DIRECTORY_ID: props.directoryId,
        DOMAIN_NAME: environment.domain.name,
        DOMAIN_CONTROLLERS: domainControllers.join(','),
        USER_SECRET_ARN: secret.secretArn,
      } satisfies DirectoryUserRotationEnvironment,
      alarmTopic: props.alarmTopic,
      alarm: {
        name: 'password-not-rotated',
        says: 'The password of the directory user could not be rotated; the old one still serves.',
      },
    });
    this.#rotate(props);
  }

  /** The schedule, made below CDK's own level, which would let Secrets Manager of every account call the function. */
  #rotate(props: DirectoryUserRotationProps): void {
    const { user } = props;
    const { function: rotation } = this.provisioning;
    rotation.addPermission('Rotation', {
      principal: new ServicePrincipal('secretsmanager.amazonaws.com'),
      sourceAccount: Stack.of(this).account,
    });
    const schedule = new CfnRotationSchedule(this, 'Schedule', {
      secretId: user.secret.secretArn,
      rotationLambdaArn: rotation.functionArn,
      rotationRules: { scheduleExpression: `rate(${props.rotationDays} days)` },
      // The password was just made; what Secrets Manager runs at once is the test step alone.
      rotateImmediatelyOnUpdate: false,
    });
    schedule.node.addDependency(rotation, this.securityGroup, user.resource);
  }

  #statements({ directoryId, user }: DirectoryUserRotationProps): PolicyStatement[] {
    const stack = Stack.of(this);
    return [
      new PolicyStatement({
        actions: ['ds:AccessDSData', 'ds:ResetUserPassword', 'ds-data:UpdateUser'],
        resources: [stack.formatArn({ service: 'ds', resource: 'directory', resourceName: directoryId })],
      }),
      new PolicyStatement({
        actions: [
          'secretsmanager:DescribeSecret',
          'secretsmanager:GetSecretValue',
          'secretsmanager:PutSecretValue',
          'secretsmanager:UpdateSecretVersionStage',
        ],
        resources: [user.secret.secretArn],
      }),
      new PolicyStatement({ actions: ['secretsmanager:GetRandomPassword'], resources: ['*'] }),
      new PolicyStatement({
        actions: ['events:PutEvents'],
        resources: [stack.formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' })],
        conditions: { StringEquals: { 'events:source': passwordRotatedEvent.source } },
      }),
    ];
  }
}
