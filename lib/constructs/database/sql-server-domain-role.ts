import { Aws } from 'aws-cdk-lib';
import {
  CompositePrincipal,
  PolicyDocument,
  PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledge } from '../common/acknowledge.ts';
import { directoryArn } from '../common/directory-arn.ts';

/**
 * The role by which RDS joins an instance to a directory: the actions of AWS's policy
 * `AmazonRDSDirectoryServiceAccess`, on one directory, for instances of this account.
 *
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_SQLServerWinAuth.SettingUp.html
 */
export function sqlServerDomainRole(scope: Construct, id: string, directoryId: string): Role {
  const directory = directoryArn(scope, directoryId);
  const onlyThisAccount = { conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } } };
  const role = new Role(scope, id, {
    assumedBy: new CompositePrincipal(
      new ServicePrincipal('rds.amazonaws.com', onlyThisAccount),
      new ServicePrincipal('directoryservice.rds.amazonaws.com', onlyThisAccount),
    ),
    description: 'Joins SQL Server to the directory',
    inlinePolicies: {
      Directory: new PolicyDocument({
        statements: [
          new PolicyStatement({
            actions: [
              'ds:AuthorizeApplication',
              'ds:GetAuthorizedApplicationDetails',
              'ds:UnauthorizeApplication',
            ],
            resources: [directory],
          }),
          new PolicyStatement({ actions: ['ds:DescribeDirectories'], resources: ['*'] }),
        ],
      }),
    },
  });
  acknowledge(role, {
    'IAM5[Resource::*]': 'ds:DescribeDirectories has no resource level; it reads, and changes nothing.',
  });
  return role;
}
