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
  /** The user of web, then those of the services beside it: the secret of each is rotated by a schedule of its own. */
  readonly users: readonly [DirectoryUser, ...DirectoryUser[]];
  readonly directoryId: string;
  /** IPv4 addresses of the domain controllers. */
  readonly domainControllers: readonly string[];
  readonly rotationDays: number;
  readonly vpc: IVpc;
  readonly awsAccess: AwsAccess;
  readonly alarmTopic: ITopic;
}

/**
 * Rotates the passwords of the directory users: Secrets Manager calls a function that sets one in the directory, asks a domain
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
      description: 'Rotates the passwords of the directory users',
      timeout: Duration.minutes(3),
      statements: this.#statements(props),
      network: { vpc, securityGroup },
      variables: {
        DIRECTORY_ID: props.directoryId,
        DOMAIN_NAME: environment.domain.name,
        DOMAIN_CONTROLLERS: domainControllers.join(','),
        USER_SECRETS: props.users.map(({ username, secret }) => `${username}=${secret.secretArn}`).join(','),
      } satisfies DirectoryUserRotationEnvironment,
      alarmTopic: props.alarmTopic,
      alarm: {
        name: 'password-not-rotated',
        says: 'The password of a directory user could not be rotated; the old one still serves.',
      },
    });
    this.#rotate(props);
  }

  /** The schedules, made below CDK's own level, which would let Secrets Manager of every account call the function. */
  #rotate({ rotationDays: most, users }: DirectoryUserRotationProps): void {
    const { function: rotation } = this.provisioning;
    rotation.addPermission('Rotation', {
      principal: new ServicePrincipal('secretsmanager.amazonaws.com'),
      sourceAccount: Stack.of(this).account,
    });
    for (const user of users) {
      const days = daysBetween(most, users.indexOf(user));
      const schedule = new CfnRotationSchedule(
        this,
        user === users[0] ? 'Schedule' : `Schedule-${user.username}`,
        {
          secretId: user.secret.secretArn,
          rotationLambdaArn: rotation.functionArn,
          rotationRules: { scheduleExpression: `rate(${days} days)` },
          // The password was just made; what Secrets Manager runs at once is the test step alone.
          rotateImmediatelyOnUpdate: false,
        },
      );
      schedule.node.addDependency(rotation, this.securityGroup, user.resource);
    }
  }

  #statements({ directoryId, users }: DirectoryUserRotationProps): PolicyStatement[] {
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
        resources: users.map(({ secret }) => secret.secretArn),
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

/**
 * How often the password of one of several users is rotated, at most every `most` days: of each further one a day more
 * often, so that services whose users were made together do not get new tasks on the same days ever after.
 */
function daysBetween(most: number, index: number): number {
  return Math.max(1, most - index);
}
