import type { OwnPasswordRotationEnvironment } from '@packages/contracts';
import { Duration } from 'aws-cdk-lib';
import { type IVpc, Port } from 'aws-cdk-lib/aws-ec2';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { domainControllers, type GivenUser } from '../../config/index.ts';
import { ProvisioningFunction } from '../common/provisioning-function.ts';
import { mayUseForSecrets } from '../common/secret-key.ts';
import type { EnvironmentContext } from '../common/stage-contract.ts';
import type { AwsAccess } from '../network/aws-access.ts';
import { peerOf } from '../network/peers.ts';
import {
  letSecretsManagerCall,
  rotationSchedule,
  rotationSecurityGroup,
  rotationStatements,
} from './password-rotation.ts';

export interface OwnPasswordRotationProps {
  readonly context: EnvironmentContext;
  readonly user: GivenUser;
  /** The service that signs in as this user. */
  readonly service: string;
  /** Host names or addresses of domain controllers. */
  readonly domainControllers: readonly string[];
  readonly vpc: IVpc;
  readonly awsAccess: AwsAccess;
  readonly alarmTopic: ITopic;
}

/**
 * Rotates the password of a user that others have created: Secrets Manager calls a function that signs in as the user and
 * changes its password (Kerberos, ports 88 and 464). The function may read and write the secret, and needs no permissions
 * for the directory.
 */
export class OwnPasswordRotation extends Construct {
  constructor(scope: Construct, id: string, props: OwnPasswordRotationProps) {
    super(scope, id);
    const { context, user, vpc, awsAccess } = props;
    const { environment } = context;
    const securityGroup = rotationSecurityGroup(this, {
      ...{ environment, vpc, awsAccess },
      description: 'Change of a password by its user: to AWS endpoints and to the domain controllers',
    });
    for (const addresses of domainControllers(environment)) {
      securityGroup.addEgressRule(peerOf(addresses), Port.tcp(88), 'Kerberos');
      for (const port of [Port.tcp(464), Port.udp(464)])
        securityGroup.addEgressRule(peerOf(addresses), port, 'Change of a password');
    }
    const { secretArn, kmsKeyArn, rotationDays: days } = user;
    const { function: rotation } = new ProvisioningFunction(this, 'Provisioning', {
      context,
      handler: 'own-password-rotation',
      description: 'Lets the directory user change its own password',
      timeout: Duration.minutes(3),
      statements: [
        ...rotationStatements(this, [secretArn]),
        ...(kmsKeyArn ? [mayUseForSecrets(kmsKeyArn, ['kms:Decrypt', 'kms:GenerateDataKey'])] : []),
      ],
      network: { vpc, securityGroup },
      variables: {
        DOMAIN_NAME: environment.domain.name,
        DOMAIN_CONTROLLERS: props.domainControllers.join(','),
        OWN_SECRET_ARN: secretArn,
      } satisfies OwnPasswordRotationEnvironment,
      alarmTopic: props.alarmTopic,
      alarm: {
        name: 'password-not-rotated',
        description: 'The password of the directory user could not be rotated; the old one still serves.',
        // Also for web, because users that are created here share the alarm that has no service in its name.
        service: props.service,
      },
    });
    letSecretsManagerCall(rotation);
    const schedule = rotationSchedule(this, 'Schedule', { secretArn, rotation, days });
    schedule.node.addDependency(rotation, securityGroup);
  }
}
