import { environmentServices, toolsServices } from '../../../lib/operator/bootstrap/services.ts';
import type { AccountRoles, Weakening } from './account-roles.ts';
import { all, boundaryArn, calls, deploys, region, role, tools, unconditional, without } from './attacker.ts';

type Attempt = readonly [
  what: string,
  attempt: (accounts: AccountRoles) => Promise<boolean>,
  /** The protection without which it succeeds. */
  without: Weakening,
];

/** The service-linked role with which AWS scales tasks. */
const ofAws = (account: string) =>
  role(
    account,
    'aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService',
  );

/** What a malicious template tries with roles in one account. */
export function attemptsOfTemplates(account: string): Attempt[] {
  const own = role(account, `windows-auth-${account === tools ? 'pipeline' : 'production-service'}-x`);
  const within = { 'iam:PermissionsBoundary': boundaryArn(account) };
  const administrator = { 'iam:PolicyARN': 'arn:aws:iam::aws:policy/AdministratorAccess' };
  const unbound = { execution: unconditional('RolesWithinTheBoundary') };
  const everywhere = { execution: all };
  const never = { execution: without('NeverOfATemplate') };
  const toFunction = { 'iam:PassedToService': 'lambda.amazonaws.com' };
  return [
    ['creates a role without the boundary', deploys(account, 'iam:CreateRole', own), unbound],
    [
      'creates a role with another boundary',
      deploys(account, 'iam:CreateRole', own, {
        'iam:PermissionsBoundary': `arn:aws:iam::${account}:policy/everything`,
      }),
      unbound,
    ],
    ['adds permissions to a role without a boundary', deploys(account, 'iam:PutRolePolicy', own), unbound],
    [
      'changes the trust policy of a role without the boundary',
      deploys(account, 'iam:UpdateAssumeRolePolicy', own),
      unbound,
    ],
    [
      'creates a role of another deployment',
      deploys(account, 'iam:CreateRole', role(account, 'others-x'), within),
      everywhere,
    ],
    [
      'reads a role of another deployment',
      deploys(account, 'iam:GetRole', role(account, 'others-x')),
      everywhere,
    ],
    [
      'attaches AdministratorAccess',
      deploys(account, 'iam:AttachRolePolicy', own, { ...administrator, ...within }),
      account === tools ? everywhere : { execution: unconditional('PoliciesOfAws') },
    ],
    [
      'works in another region',
      deploys(account, 's3:CreateBucket', 'arn:aws:s3:::x', { 'aws:RequestedRegion': 'us-east-1' }),
      everywhere,
    ],
    [
      "reads another deployment's stack",
      deploys(
        account,
        'cloudformation:DescribeStacks',
        `arn:aws:cloudformation:${region}:${account}:stack/others-x/1`,
      ),
      everywhere,
    ],
    ['becomes another role', deploys(account, 'sts:AssumeRole', own), everywhere],
    [
      'changes a stack without the pipeline',
      deploys(
        account,
        'cloudformation:UpdateStack',
        `arn:aws:cloudformation:${region}:${account}:stack/windows-auth-${account === tools ? 'pipeline' : 'production-service'}/1`,
      ),
      everywhere,
    ],
    [
      'passes a service-linked role to its function',
      deploys(account, 'iam:PassRole', ofAws(account), toFunction),
      everywhere,
    ],
    [
      'deletes a service-linked role',
      deploys(account, 'iam:DeleteServiceLinkedRole', ofAws(account)),
      everywhere,
    ],
    ...(account === tools ? ofTools : ofEnvironments(account, within)),
    ...Object.entries(carriesOut)
      .filter(([action]) => isOf(account === tools ? toolsServices : environmentServices, action))
      .map(([action, what]): Attempt => [what, deploys(account, action, '*'), never]),
  ];
}

const connection = (id: string) => `arn:aws:codeconnections:${region}:${tools}:connection/${id}`;
const ofTools: readonly Attempt[] = [
  [
    "takes another connection's source",
    deploys(tools, 'codeconnections:PassConnection', connection('ffffffff-ffff-ffff-ffff-ffffffffffff')),
    { execution: all },
  ],
];

function ofEnvironments(account: string, within: Record<string, string>): Attempt[] {
  const own = role(account, 'windows-auth-production-service-x');
  const known = { 'iam:PolicyARN': 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore' };
  const others = role(account, 'others-x');
  const profile = `arn:aws:iam::${account}:instance-profile/others-x`;
  return [
    [
      'attaches a policy to a role without a boundary',
      deploys(account, 'iam:AttachRolePolicy', own, known),
      { execution: all },
    ],
    [
      "attaches a policy to another deployment's role",
      deploys(account, 'iam:AttachRolePolicy', others, { ...known, ...within }),
      { execution: all },
    ],
    [
      "puts a role into another deployment's instance profile",
      deploys(account, 'iam:AddRoleToInstanceProfile', profile),
      { execution: all },
    ],
  ];
}

const isOf = (services: readonly string[], action: string) => services.includes(action.split(':')[0] ?? '');

/** Calls that no resource of ours needs, and that would carry data out or run something. */
const carriesOut: Readonly<Record<string, string>> = {
  'codebuild:ImportSourceCredentials': 'gives builds the credentials of a source',
  'codebuild:StartBuild': 'starts a build',
  'ds:AcceptSharedDirectory': "accepts a stranger's directory",
  'ds:CreateTrust': 'trusts a domain',
  'ds:ResetUserPassword': 'sets a password in the directory',
  'ds:ShareDirectory': 'shares the directory',
  'ec2:AcceptVpcPeeringConnection': "joins a stranger's network",
  'ec2:CreateCustomerGateway': 'registers a gateway elsewhere',
  'ec2:CreateSnapshot': 'copies a volume',
  'ec2:CreateTransitGateway': 'joins networks',
  'ec2:CreateVpnConnection': 'builds a tunnel',
  'ec2:ExportImage': 'exports an image',
  'ec2:ModifyImageAttribute': 'shares a machine image',
  'ecr:PutImage': 'pushes an image',
  'ecs:ExecuteCommand': 'runs a command in a task',
  'kms:ReplicateKey': 'copies a key to another region',
  'lambda:CreateFunctionUrlConfig': 'gives a function a public URL',
  'logs:CreateExportTask': 'exports logs to a bucket',
  'logs:CreateScheduledQuery': 'queries logs on a schedule and sends the results',
  'logs:PutAccountPolicy': 'sends all logs elsewhere',
  'logs:PutDeliveryDestination': 'delivers logs elsewhere',
  'logs:PutDestination': 'receives logs of others',
  'logs:PutIntegration': 'passes logs to another service',
  'logs:PutSubscriptionFilter': 'sends a log elsewhere',
  'rds:CopyDBSnapshot': 'copies a snapshot',
  'rds:StartExportTask': 'exports a snapshot to a bucket',
  'secretsmanager:PutSecretValue': 'writes a secret',
  'ssm:CreateActivation': 'registers its own machine',
  'ssm:SendCommand': 'runs a command on a machine',
  'ssm:StartSession': 'opens a session on a machine',
};

/** Calls of the above that our programs make. */
const called = [
  'codebuild:StartBuild',
  'ds:ResetUserPassword',
  'ecr:PutImage',
  'secretsmanager:PutSecretValue',
];
/** Calls that templates need, but no program. */
const made: Readonly<Record<string, string>> = {
  'codebuild:CreateProject': 'creates its own build',
  'codebuild:UpdateProject': 'changes what a build runs',
  'ec2:ModifyVpcEndpoint': 'opens an endpoint',
  'ecr:PutRegistryPolicy': 'opens the registry',
  'kms:CreateAlias': 'creates an alias for a key',
  'kms:CreateKey': 'creates a key',
  'lambda:AddLayerVersionPermission': 'gives a layer to strangers',
  'lambda:UpdateFunctionCode': 'changes what a function runs',
};
const calledInTools = ['codebuild', 'ecr', 'kms', 'logs', 's3'];

/** What a role of the stacks tries in one account after a commit has given it every permission. */
export function attemptsOfRoles(account: string): Attempt[] {
  return Object.entries({ ...carriesOut, ...made })
    .filter(([action]) => !called.includes(action))
    .filter(([action]) => (account === tools ? isOf(calledInTools, action) : !isOf(['rds'], action)))
    .map(
      ([action, what]): Attempt => [what, calls(account, action, '*'), { boundary: without('NoNewRights') }],
    );
}
