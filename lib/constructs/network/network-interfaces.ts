import { Stack } from 'aws-cdk-lib';
import { Effect, PolicyDocument, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledge } from '../common/acknowledge.ts';

const change = [
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];
const look = ['ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets'];

/**
 * What Lambda needs to put a function into a VPC, and the function itself may not do: instead of the managed policy
 * AWSLambdaVPCAccessExecutionRole, which would also let it write to every log group.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
 */
export function networkInterfaces(scope: Construct): PolicyDocument {
  return new PolicyDocument({
    statements: [
      new PolicyStatement({ actions: change, resources: [everything(scope)] }),
      new PolicyStatement({ actions: look, resources: ['*'] }),
      new PolicyStatement({
        effect: Effect.DENY,
        actions: [...change, ...look],
        resources: ['*'],
        // There when the function's own code calls, not when Lambda does.
        conditions: { Null: { 'lambda:SourceFunctionArn': 'false' } },
      }),
    ],
  });
}

/** Says why a role with these permissions is as narrow as it can be. */
export function acknowledgeNetworkInterfaces(role: Role): void {
  acknowledge(role, {
    [`IAM5[Resource::${everything(role)}]`]:
      'Nobody knows the interface of a function beforehand; for this action Lambda takes all of the account or none.',
    'IAM5[Resource::*]':
      'To describe interfaces and subnets has no resource level, nor has secretsmanager:GetRandomPassword.',
  });
}

/** All that EC2 has in this account and region. */
function everything(scope: Construct): string {
  return Stack.of(scope).formatArn({ service: 'ec2', resource: '*', resourceName: '*' });
}
