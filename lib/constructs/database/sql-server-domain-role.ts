import { Aws, Stack } from 'aws-cdk-lib';
import {
  CompositePrincipal,
  PolicyDocument,
  PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import type { Construct } from 'constructs';
import { acknowledge } from '../common/acknowledge.ts';
import { directoryArn } from '../common/directory-arn.ts';

/**
 * The role with which RDS joins an instance to a directory: the actions of AWS's policy
 * `AmazonRDSDirectoryServiceAccess`, on one directory, for instances of this account. In an opt-in region, RDS assumes it
 * as a service principal with the region's name in it.
 *
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_SQLServerWinAuth.SettingUp.html
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.RDS_Fea_Regions_DB-eng.Feature.KerberosAuthentication.html
 */
export function sqlServerDomainRole(scope: Construct, id: string, directoryId: string): Role {
  const directory = directoryArn(scope, directoryId);
  const onlyThisAccount = { conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } } };
  const { region } = Stack.of(scope);
  const named = RegionInfo.get(region).isOptInRegion ? [`directoryservice.rds.${region}.amazonaws.com`] : [];
  const role = new Role(scope, id, {
    assumedBy: new CompositePrincipal(
      ...['rds.amazonaws.com', 'directoryservice.rds.amazonaws.com', ...named].map(
        (service) => new ServicePrincipal(service, onlyThisAccount),
      ),
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
