import { type DirectoryUserRotationEnvironment, userSecretsVariable } from '@packages/contracts';
import { Duration } from 'aws-cdk-lib';
import { type ISecurityGroup, type IVpc, Peer, Port } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { directoryArn } from '../common/directory-arn.ts';
import { ProvisioningFunction } from '../common/provisioning-function.ts';
import type { EnvironmentContext } from '../common/stage-contract.ts';
import type { AwsAccess } from '../network/aws-access.ts';
import type { DirectoryUser } from './directory-user.ts';
import {
  letSecretsManagerCall,
  rotationSchedule,
  rotationSecurityGroup,
  rotationStatements,
} from './password-rotation.ts';

export interface DirectoryUserRotationProps {
  readonly context: EnvironmentContext;
  /** The users that are created here, of web and of the further services. Each one's secret has its own schedule. */
  readonly users: readonly DirectoryUser[];
  readonly directoryId: string;
  /** IPv4 addresses of the domain controllers. */
  readonly domainControllers: readonly string[];
  readonly vpc: IVpc;
  readonly awsAccess: AwsAccess;
  readonly alarmTopic: ITopic;
}

/**
 * Rotates the passwords of the directory users: Secrets Manager calls a function that sets a new password in the
 * directory, tries it with a domain controller (Kerberos, TCP 88), makes it the current one, and sends
 * `passwordRotatedEvent` to the default event bus. The function runs in the private subnets and must reach Secrets Manager,
 * Directory Service and EventBridge.
 */
export class DirectoryUserRotation extends Construct {
  readonly provisioning: ProvisioningFunction;
  readonly securityGroup: ISecurityGroup;

  constructor(scope: Construct, id: string, props: DirectoryUserRotationProps) {
    super(scope, id);
    const { context, domainControllers, vpc, awsAccess } = props;
    const { environment } = context;
    const securityGroup = rotationSecurityGroup(this, {
      ...{ environment, vpc, awsAccess },
      description: 'Rotation of the directory user: to AWS endpoints and to the domain controllers',
    });
    domainControllers.forEach((address, index) => {
      securityGroup.addEgressRule(
        Peer.ipv4(`${address}/32`),
        Port.tcp(88),
        `Kerberos of domain controller ${index + 1}`,
      );
    });
    this.securityGroup = securityGroup;
    this.provisioning = new ProvisioningFunction(this, 'Provisioning', {
      context,
      handler: 'directory-user-rotation',
      description: 'Rotates the passwords of the directory users',
      timeout: Duration.minutes(3),
      statements: this.#statements(props),
      network: { vpc, securityGroup },
      variables: {
        DIRECTORY_ID: props.directoryId,
        DOMAIN_NAME: environment.domain.name,
        DOMAIN_CONTROLLERS: domainControllers.join(','),
        USER_SECRETS: userSecretsVariable(
          props.users.map(({ user, secret }) => ({ name: user.name, secretArn: secret.secretArn })),
        ),
      } satisfies DirectoryUserRotationEnvironment,
      alarmTopic: props.alarmTopic,
      alarm: {
        name: 'password-not-rotated',
        description: 'The password of a directory user could not be rotated; the old one still serves.',
      },
    });
    this.#rotate(props);
  }

  #rotate({ users }: DirectoryUserRotationProps): void {
    const { function: rotation } = this.provisioning;
    letSecretsManagerCall(rotation);
    for (const { user, service, secret, resource } of users) {
      const id = service === undefined ? 'Schedule' : `Schedule-${user.name}`;
      const days = user.rotationDays;
      const schedule = rotationSchedule(this, id, { secretArn: secret.secretArn, rotation, days });
      schedule.node.addDependency(rotation, this.securityGroup, resource);
    }
  }

  #statements({ directoryId, users }: DirectoryUserRotationProps): PolicyStatement[] {
    const directory = directoryArn(this, directoryId);
    return [
      new PolicyStatement({
        actions: ['ds:AccessDSData', 'ds:ResetUserPassword', 'ds-data:UpdateUser'],
        resources: [directory],
      }),
      ...rotationStatements(
        this,
        users.map(({ secret }) => secret.secretArn),
      ),
    ];
  }
}
