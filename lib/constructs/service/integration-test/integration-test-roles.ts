import { onlyService } from '@packages/contracts';
import { Stack } from 'aws-cdk-lib';
import type { SelectedSubnets } from 'aws-cdk-lib/aws-ec2';
import { AccountPrincipal, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import { operatorsRoleName, pipelineRoles } from '../../../config/iam-names.ts';
import { type Environment, networkOwner } from '../../../config/index.ts';
import { acknowledge } from '../../common/acknowledge.ts';
import { readBuildspec } from '../../common/buildspec-file.ts';
import type { EnvironmentContext } from '../../common/stage-contract.ts';
import { mayStartAsItIs } from './start-build-statements.ts';

export interface IntegrationTestRolesProps {
  readonly projectName: string;
  readonly logGroup: ILogGroup;
}

interface BuildRoleProps extends IntegrationTestRolesProps {
  readonly asset: Asset;
  readonly subnets: SelectedSubnets;
  readonly environment: Environment;
}

/** The ARN of the report group that CodeBuild creates for the buildspec's one report. */
function reportGroup(scope: Construct, projectName: string): string {
  const [report] = Object.keys(readBuildspec('integration-test').reports ?? {});
  return arn(scope, `report-group/${projectName}-${report}`);
}

/**
 * The role of the test itself, with permissions for its source, its log, its report, and a network interface.
 *
 * @see https://docs.aws.amazon.com/codebuild/latest/userguide/auth-and-access-control-iam-identity-based-access-control.html#customer-managed-policies-example-create-vpc-network-interface
 */
export function integrationTestBuildRole(scope: Construct, id: string, props: BuildRoleProps): Role {
  const { account, region } = Stack.of(scope);
  const role = new Role(scope, id, {
    assumedBy: new ServicePrincipal('codebuild.amazonaws.com', {
      conditions: { ArnEquals: { 'aws:SourceArn': arn(scope, `project/${props.projectName}`) } },
    }),
  });
  const statements: [actions: string[], resources: string[], conditions?: Record<string, unknown>][] = [
    [['s3:GetObject', 's3:GetObjectVersion'], [props.asset.bucket.arnForObjects(props.asset.s3ObjectKey)]],
    [['s3:GetBucketAcl', 's3:GetBucketLocation'], [props.asset.bucket.bucketArn]],
    [['logs:CreateLogStream', 'logs:PutLogEvents'], [props.logGroup.logGroupArn]],
    [
      [
        'codebuild:BatchPutTestCases',
        'codebuild:CreateReport',
        'codebuild:CreateReportGroup',
        'codebuild:UpdateReport',
      ],
      [reportGroup(scope, props.projectName)],
    ],
    [
      [
        'ec2:CreateNetworkInterface',
        'ec2:DeleteNetworkInterface',
        'ec2:DescribeDhcpOptions',
        'ec2:DescribeNetworkInterfaces',
        'ec2:DescribeSecurityGroups',
        'ec2:DescribeSubnets',
        'ec2:DescribeVpcs',
      ],
      ['*'],
    ],
    [
      ['ec2:CreateNetworkInterfacePermission'],
      [`arn:aws:ec2:${region}:${account}:network-interface/*`],
      {
        StringEquals: { 'ec2:AuthorizedService': 'codebuild.amazonaws.com' },
        ArnEquals: {
          'ec2:Subnet': props.subnets.subnetIds.map(
            (subnet) => `arn:aws:ec2:${region}:${networkOwner(props.environment)}:subnet/${subnet}`,
          ),
        },
      },
    ],
  ];
  for (const [actions, resources, conditions] of statements) {
    role.addToPolicy(new PolicyStatement({ actions, resources, ...(conditions && { conditions }) }));
  }
  acknowledge(role, {
    'IAM5[Resource::*]': 'CodeBuild needs these to put a build into a network; most have no resource level.',
    [`IAM5[Resource::arn:aws:ec2:${region}:${account}:network-interface/*]`]:
      'The interface is made for each build; conditions narrow it to the subnets of the test and to CodeBuild.',
  });
  return role;
}

/**
 * The role that the pipeline and the operators assume from the tools account to run the test unchanged, or only its part
 * about one service, and read its results. Operators either sign in with IAM Identity Center, whose roles cannot be created
 * from within the account, or have the role `<deployment>-operators`.
 */
export function integrationTestStarterRole(
  scope: Construct,
  id: string,
  {
    roleName,
    deployment,
    environment,
    projectName,
    logGroup,
  }: IntegrationTestRolesProps & EnvironmentContext & { readonly roleName: string },
): Role {
  const { account } = deployment.tools;
  const role = new Role(scope, id, {
    roleName,
    description: 'Taken on from the tools account to run the integration test',
    assumedBy: new AccountPrincipal(account).withConditions({
      ArnLike: {
        'aws:PrincipalArn': [
          pipelineRoles.integrationTest(deployment, environment),
          operatorsRoleName(deployment),
          'aws-reserved/sso.amazonaws.com/*',
        ].map((name) => `arn:aws:iam::${account}:role/${name}`),
      },
    }),
  });
  const project = arn(scope, `project/${projectName}`);
  for (const statement of mayStartAsItIs(project, [onlyService])) role.addToPolicy(statement);
  const statements: [actions: string[], resource: string][] = [
    [['codebuild:BatchGetBuilds', 'codebuild:StopBuild'], project],
    [['codebuild:BatchGetReports', 'codebuild:DescribeTestCases'], reportGroup(scope, projectName)],
    [['logs:GetLogEvents'], logGroup.logGroupArn],
  ];
  for (const [actions, resource] of statements) {
    role.addToPolicy(new PolicyStatement({ actions, resources: [resource] }));
  }
  return role;
}

function arn(scope: Construct, resource: string): string {
  const { account, region } = Stack.of(scope);
  return `arn:aws:codebuild:${region}:${account}:${resource}`;
}
