import { passwordRotatedEvent } from '@packages/contracts';
import { Stack } from 'aws-cdk-lib';
import { type IVpc, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnRotationSchedule } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/index.ts';
import { allowDns } from '../network/allow-dns.ts';
import { type AwsAccess, allowEndpoints } from '../network/aws-access.ts';

export interface RotationGroupProps {
  readonly environment: Environment;
  readonly vpc: IVpc;
  readonly awsAccess: AwsAccess;
  readonly description: string;
}

/** What a function that rotates passwords may reach in any case: names, and AWS. */
export function rotationSecurityGroup(scope: Construct, props: RotationGroupProps): SecurityGroup {
  const { environment, vpc, awsAccess, description } = props;
  const group = new SecurityGroup(scope, 'SecurityGroup', { vpc, description, allowAllOutbound: false });
  allowDns(group, environment);
  allowEndpoints(group, awsAccess);
  return group;
}

/** What it may do with the secrets, and that it may send the event `passwordRotatedEvent`. */
export function rotationStatements(scope: Construct, secretArns: readonly string[]): PolicyStatement[] {
  const bus = Stack.of(scope).formatArn({
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
      resources: [...secretArns],
    }),
    new PolicyStatement({ actions: ['secretsmanager:GetRandomPassword'], resources: ['*'] }),
    new PolicyStatement({
      actions: ['events:PutEvents'],
      resources: [bus],
      conditions: { StringEquals: { 'events:source': passwordRotatedEvent.source } },
    }),
  ];
}

/** Lets Secrets Manager of this account call the function; CDK's own construct would let that of every account. */
export function letSecretsManagerCall(rotation: IFunction): void {
  rotation.addPermission('Rotation', {
    principal: new ServicePrincipal('secretsmanager.amazonaws.com'),
    sourceAccount: Stack.of(rotation).account,
  });
}

/** The schedule of one secret. What Secrets Manager runs when it is made is the test step alone. */
export function rotationSchedule(
  scope: Construct,
  id: string,
  { secretArn, rotation, days }: { secretArn: string; rotation: IFunction; days: number },
): CfnRotationSchedule {
  return new CfnRotationSchedule(scope, id, {
    secretId: secretArn,
    rotationLambdaArn: rotation.functionArn,
    rotationRules: { scheduleExpression: `rate(${days} days)` },
    rotateImmediatelyOnUpdate: false,
  });
}
