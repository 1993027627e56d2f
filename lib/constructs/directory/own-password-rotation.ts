import { type OwnPasswordRotationEnvironment, passwordRotatedEvent } from '@packages/contracts';
import { Duration, Stack } from 'aws-cdk-lib';
import { type IVpc, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnRotationSchedule } from 'aws-cdk-lib/aws-secretsmanager';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { domainControllers, type GivenUser } from '../../config/index.ts';
import { ProvisioningFunction } from '../common/provisioning-function.ts';
import { mayUseForSecrets } from '../common/secret-key.ts';
import type { Place } from '../common/stage-contract.ts';
import { allowDns } from '../network/allow-dns.ts';
import { type AwsAccess, allowEndpoints } from '../network/aws-access.ts';
import { peerOf } from '../network/peers.ts';

export interface OwnPasswordRotationProps {
  readonly place: Place;
  readonly user: GivenUser;
  /** Host names or addresses of domain controllers. */
  readonly domainControllers: readonly string[];
  readonly vpc: IVpc;
  readonly awsAccess: AwsAccess;
  readonly alarmTopic: ITopic;
}

/**
 * Rotates the password of a user that others have made: Secrets Manager calls a function in which the user changes its own
 * password (Kerberos, ports 88 and 464). The function may read and write the secret, and has no right in the directory.
 */
export class OwnPasswordRotation extends Construct {
  constructor(scope: Construct, id: string, props: OwnPasswordRotationProps) {
    super(scope, id);
    const { place, user, vpc } = props;
    const { environment } = place;
    const securityGroup = new SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'Change of a password by its user: to AWS endpoints and to the domain controllers',
      allowAllOutbound: false,
    });
    allowDns(securityGroup, environment);
    allowEndpoints(securityGroup, props.awsAccess);
    for (const addresses of domainControllers(environment)) {
      securityGroup.addEgressRule(peerOf(addresses), Port.tcp(88), 'Kerberos');
      for (const port of [Port.tcp(464), Port.udp(464)])
        securityGroup.addEgressRule(peerOf(addresses), port, 'Change of a password');
    }
    const { function: rotation } = new ProvisioningFunction(this, 'Provisioning', {
      place,
      handler: 'own-password-rotation',
      description: 'Lets the directory user change its own password',
      timeout: Duration.minutes(3),
      statements: this.#statements(user),
      network: { vpc, securityGroup },
      variables: {
        DOMAIN_NAME: environment.domain.name,
        DOMAIN_CONTROLLERS: props.domainControllers.join(','),
        OWN_SECRET_ARN: user.secretArn,
      } satisfies OwnPasswordRotationEnvironment,
      alarmTopic: props.alarmTopic,
      alarm: {
        name: 'password-not-rotated',
        says: 'The password of the directory user could not be rotated; the old one still serves.',
      },
    });
    // Below CDK's own level, which would let Secrets Manager of every account call the function.
    rotation.addPermission('Rotation', {
      principal: new ServicePrincipal('secretsmanager.amazonaws.com'),
      sourceAccount: Stack.of(this).account,
    });
    const schedule = new CfnRotationSchedule(this, 'Schedule', {
      secretId: user.secretArn,
      rotationLambdaArn: rotation.functionArn,
      rotationRules: { scheduleExpression: `rate(${user.rotationDays} days)` },
      // What Secrets Manager runs at once is the test step alone, in which the secret gets its next password.
      rotateImmediatelyOnUpdate: false,
    });
    schedule.node.addDependency(rotation, securityGroup);
  }

  #statements({ secretArn, kmsKeyArn }: GivenUser): PolicyStatement[] {
    const bus = Stack.of(this).formatArn({
      service: 'events',
      resource: 'event-bus',
      resourceName: 'default',
    });
    return [
      new PolicyStatement({
        actions: [
          'secretsmanager:DescribeSecret',
          'secretsmanager:GetSecretValue',
          'secretsmanager:PutSecretValue',
          'secretsmanager:UpdateSecretVersionStage',
        ],
        resources: [secretArn],
      }),
      ...(kmsKeyArn ? [mayUseForSecrets(kmsKeyArn, ['kms:Decrypt', 'kms:GenerateDataKey'])] : []),
      new PolicyStatement({ actions: ['secretsmanager:GetRandomPassword'], resources: ['*'] }),
      new PolicyStatement({
        actions: ['events:PutEvents'],
        resources: [bus],
        conditions: { StringEquals: { 'events:source': passwordRotatedEvent.source } },
      }),
    ];
  }
}
