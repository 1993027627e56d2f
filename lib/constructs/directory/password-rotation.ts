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

/** What every function that rotates passwords may reach: DNS and AWS endpoints. */
export function rotationSecurityGroup(scope: Construct, props: RotationGroupProps): SecurityGroup {
  const { environment, vpc, awsAccess, description } = props;
  const group = new SecurityGroup(scope, 'SecurityGroup', { vpc, description, allowAllOutbound: false });
  allowDns(group, environment);
  allowEndpoints(group, awsAccess);
  return group;
}

/** Lets the function rotate the secrets and send `passwordRotatedEvent`. */
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

/** Lets Secrets Manager call the function for this account; the CDK's own construct would allow any account. */
export function letSecretsManagerCall(rotation: IFunction): void {
  rotation.addPermission('Rotation', {
    principal: new ServicePrincipal('secretsmanager.amazonaws.com'),
    sourceAccount: Stack.of(rotation).account,
  });
}

/** The rotation schedule of one secret. When it is created, Secrets Manager runs only the test step. */
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
