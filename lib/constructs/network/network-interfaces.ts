import { Stack } from 'aws-cdk-lib';
import { Effect, PolicyDocument, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { type Environment, networkOwner } from '../../config/index.ts';
import { acknowledge } from '../common/acknowledge.ts';

const change = [
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];
const look = ['ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets'];

/**
 * Lets Lambda put a function into a VPC, but does not let the function's own code use these permissions. Replaces the
 * managed policy AWSLambdaVPCAccessExecutionRole, which would also let it write to every log group.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
 */
export function networkInterfaces(scope: Construct, environment: Environment): PolicyDocument {
  return new PolicyDocument({
    statements: [
      new PolicyStatement({
        actions: change,
        resources: [everything(scope), ...subnets(scope, environment)],
      }),
      new PolicyStatement({ actions: look, resources: ['*'] }),
      new PolicyStatement({
        effect: Effect.DENY,
        actions: [...change, ...look],
        resources: ['*'],
        // This key is present when the function's code makes the call, but not when Lambda does.
        conditions: { Null: { 'lambda:SourceFunctionArn': 'false' } },
      }),
    ],
  });
}

/** Records why a role with these permissions is as narrow as possible. */
export function acknowledgeNetworkInterfaces(role: Role, environment: Environment): void {
  acknowledge(role, {
    ...Object.fromEntries(
      subnets(role, environment).map((arn) => [
        `IAM5[Resource::${arn}]`,
        "An interface is made in a subnet of the VPC, which is another account's: that account shares the ones that may be used.",
      ]),
    ),
    [`IAM5[Resource::${everything(role)}]`]:
      'Nobody knows the interface of a function beforehand; for this action Lambda takes all of the account or none.',
    'IAM5[Resource::*]':
      'To describe interfaces and subnets has no resource level, nor has secretsmanager:GetRandomPassword.',
  });
}

/** The subnets of a shared VPC: the ARN of a subnet has its owner's account in it. Empty if the VPC is this account's. */
function subnets(scope: Construct, environment: Environment): string[] {
  const owner = networkOwner(environment);
  return owner === environment.account
    ? []
    : [Stack.of(scope).formatArn({ service: 'ec2', account: owner, resource: 'subnet', resourceName: '*' })];
}

/** All EC2 resources in this account and region. */
function everything(scope: Construct): string {
  return Stack.of(scope).formatArn({ service: 'ec2', resource: '*', resourceName: '*' });
}
