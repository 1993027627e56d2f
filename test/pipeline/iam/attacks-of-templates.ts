import { environmentServices, toolsServices } from '../../../lib/operator/bootstrap/services.ts';
import type { AccountRoles, Weakening } from './account-roles.ts';
import { all, boundaryArn, calls, deploys, region, role, tools, unconditional, without } from './attacker.ts';

type Attempt = readonly [
  what: string,
  attempt: (accounts: AccountRoles) => Promise<boolean>,
  /** In which accounts it succeeds. */
  without: Weakening,
];

/** The role by which AWS scales tasks. */
const ofAws = (account: string) =>
  role(
    account,
    'aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService',
  );

/** What a template tries with roles, in one account. */
export function attemptsOfTemplates(account: string): Attempt[] {
  const own = role(account, `windows-auth-${account === tools ? 'pipeline' : 'production-service'}-x`);
  const within = { 'iam:PermissionsBoundary': boundaryArn(account) };
  const administrator = { 'iam:PolicyARN': 'arn:aws:iam::aws:policy/AdministratorAccess' };
  const unbound = { execution: unconditional('RolesWithinTheBoundary') };
  const everywhere = { execution: all };
  const never = { execution: without('NeverOfATemplate') };
  const toFunction = { 'iam:PassedToService': 'lambda.amazonaws.com' };
  return [
    ['makes a role without the boundary', deploys(account, 'iam:CreateRole', own), unbound],
    [
      'makes a role within a boundary of its own',
      deploys(account, 'iam:CreateRole', own, {
        'iam:PermissionsBoundary': `arn:aws:iam::${account}:policy/everything`,
      }),
      unbound,
    ],
    ['gives rights to a role that has no boundary', deploys(account, 'iam:PutRolePolicy', own), unbound],
    [
      'changes whom a role without the boundary trusts',
      deploys(account, 'iam:UpdateAssumeRolePolicy', own),
      unbound,
    ],
    [
      'makes a role of another deployment',
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
      "looks at another deployment's stack",
      deploys(
        account,
        'cloudformation:DescribeStacks',
        `arn:aws:cloudformation:${region}:${account}:stack/others-x/1`,
      ),
      everywhere,
    ],
    ['becomes another role', deploys(account, 'sts:AssumeRole', own), everywhere],
    [
      'changes a stack past the pipeline',
      deploys(
        account,
        'cloudformation:UpdateStack',
        `arn:aws:cloudformation:${region}:${account}:stack/windows-auth-${account === tools ? 'pipeline' : 'production-service'}/1`,
      ),
      everywhere,
    ],
    [
      'hands a role of AWS to its function',
      deploys(account, 'iam:PassRole', ofAws(account), toFunction),
      everywhere,
    ],
    ['deletes a role of AWS', deploys(account, 'iam:DeleteServiceLinkedRole', ofAws(account)), everywhere],
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
      'attaches a policy to a role that has no boundary',
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

/** Calls that nothing of ours is made with, and by which things would get out, or run. */
const carriesOut: Readonly<Record<string, string>> = {
  'codebuild:ImportSourceCredentials': 'gives builds the credentials of a source',
  'codebuild:StartBuild': 'starts a build',
  'ds:AcceptSharedDirectory': "takes on a stranger's directory",
  'ds:CreateTrust': 'trusts a domain',
  'ds:ResetUserPassword': 'sets a password in the directory',
  'ds:ShareDirectory': 'shares the directory',
  'ec2:AcceptVpcPeeringConnection': "joins a stranger's network",
  'ec2:CreateCustomerGateway': 'names a gateway elsewhere',
  'ec2:CreateSnapshot': 'copies a volume',
  'ec2:CreateTransitGateway': 'joins networks',
  'ec2:CreateVpnConnection': 'builds a tunnel',
  'ec2:ExportImage': 'exports an image',
  'ec2:ModifyImageAttribute': 'shares an image of a machine',
  'ecr:PutImage': 'pushes an image',
  'ecs:ExecuteCommand': 'runs a command in a task',
  'kms:ReplicateKey': 'copies a key to another region',
  'lambda:CreateFunctionUrlConfig': 'gives a function an address',
  'logs:CreateExportTask': 'carries logs into a bucket',
  'logs:CreateScheduledQuery': 'sends what logs say, again and again',
  'logs:PutAccountPolicy': 'sends all logs elsewhere',
  'logs:PutDeliveryDestination': 'delivers logs elsewhere',
  'logs:PutDestination': 'takes logs of others',
  'logs:PutIntegration': 'hands logs to another service',
  'logs:PutSubscriptionFilter': 'sends a log elsewhere',
  'rds:CopyDBSnapshot': 'copies a snapshot',
  'rds:StartExportTask': 'carries a snapshot into a bucket',
  'secretsmanager:PutSecretValue': 'writes a secret',
  'ssm:CreateActivation': 'registers a machine of its own',
  'ssm:SendCommand': 'runs a command on a machine',
  'ssm:StartSession': 'opens a session on a machine',
};

/** What programs of ours do call. */
const called = [
  'codebuild:StartBuild',
  'ds:ResetUserPassword',
  'ecr:PutImage',
  'secretsmanager:PutSecretValue',
];
/** What templates do, and no program. */
const made: Readonly<Record<string, string>> = {
  'codebuild:CreateProject': 'makes a build of its own',
  'codebuild:UpdateProject': 'changes what a build runs',
  'ec2:ModifyVpcEndpoint': 'opens an endpoint',
  'ecr:PutRegistryPolicy': 'opens the registry',
  'kms:CreateAlias': 'names a key as another',
  'kms:CreateKey': 'makes a key',
  'lambda:AddLayerVersionPermission': 'gives a layer to strangers',
  'lambda:UpdateFunctionCode': 'changes what a function runs',
};
const calledInTools = ['codebuild', 'ecr', 'kms', 'logs', 's3'];

/** What a role of the stacks tries, to which a commit has given every right, in one account. */
export function attemptsOfRoles(account: string): Attempt[] {
  return Object.entries({ ...carriesOut, ...made })
    .filter(([action]) => !called.includes(action))
    .filter(([action]) => (account === tools ? isOf(calledInTools, action) : !isOf(['rds'], action)))
    .map(
      ([action, what]): Attempt => [what, calls(account, action, '*'), { boundary: without('NoNewRights') }],
    );
}
