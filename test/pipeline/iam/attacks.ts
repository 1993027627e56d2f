import { type AccountRoles, mayAssume, type Role, type Weakening } from './account-roles.ts';
import {
  all,
  boundaryArn,
  calls,
  cdkRole,
  deploys,
  everything,
  evil,
  noBoundary,
  production,
  region,
  role,
  staging,
  takesOn,
  tools,
  unconditional,
  without,
  withoutService,
} from './attacker.ts';
import { attemptsOfRoles, attemptsOfTemplates } from './attacks-of-templates.ts';
import { isAllowed, type Policy } from './evaluate.ts';

/** An attack, and the protection that keeps it from succeeding. */
export interface Attack {
  /** Whether the attack succeeds with the roles of these accounts. */
  readonly attempt: (accounts: AccountRoles) => Promise<boolean>;
  /** The protection without which the attack succeeds; an attack that could not succeed at all would prove nothing. */
  readonly without: Weakening;
}

/** The policy of a stranger's resource that everybody may use. */
const letsEverybodyIn: Policy = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }],
};
const trustsTools: Policy = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${tools}:root` }, Action: 'sts:AssumeRole' },
  ],
};
const stranger = '999999999999';
const ofAStranger = (service: string, what: string) => `arn:aws:${service}:${region}:${stranger}:${what}`;
const ownedByAccount: Policy = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${tools}:root` }, Action: '*', Resource: '*' },
  ],
};
const own = role(production, 'windows-auth-production-service-x');
const keptStatements = `arn:aws:s3:::windows-auth-provenance-${tools}-${region}`;
const ofTools = (service: string, what: string) => `arn:aws:${service}:${region}:${tools}:${what}`;

const serviceOf = (action: string) => action.split(':')[0] ?? '';
const calledInTools = ['ecr', 'kms', 'logs', 's3'];

/** Attacks by somebody who may push to the main branch. */
export const attacksOfAPusher: Readonly<Record<string, Attack>> = {
  "a new role of the tools account deploys to production if production trusts as the CDK's bootstrap does": {
    attempt: takesOn(tools, cdkRole(production, 'deploy')),
    without: { cdkTemplate: true, boundary: without('DeploymentsAreOfThePipeline') },
  },
  ...Object.fromEntries(
    [production, tools].flatMap((account) =>
      ['deploy', 'file-publishing', 'image-publishing', 'lookup'].map((whom): [string, Attack] => [
        `a new role of the tools account without a boundary assumes ${whom} of ${account}`,
        {
          attempt: async (accounts) => {
            const attacker = { ...evil(accounts, tools), boundary: undefined };
            const roles = new Map([...accounts.roles, [attacker.arn, attacker]]);
            return mayAssume({ roles }, attacker.arn, cdkRole(account, whom));
          },
          without: { cdkTemplate: true },
        },
      ]),
    ),
  ),
  "a new role publishes to production's bucket": {
    attempt: takesOn(tools, cdkRole(production, 'file-publishing')),
    without: { cdkTemplate: true, ...noBoundary },
  },
  'a new role assumes the lookup role of production': {
    attempt: takesOn(tools, cdkRole(production, 'lookup')),
    without: { cdkTemplate: true, ...noBoundary },
  },
  'a new role deploys to the tools account without the pipeline': {
    attempt: takesOn(tools, cdkRole(tools, 'deploy')),
    without: { cdkTemplate: true, ...noBoundary },
  },
  ...Object.fromEntries(
    [production, tools].flatMap((account) =>
      attemptsOfTemplates(account).map(([what, attempt, without]): [string, Attack] => [
        `a template of ${account} ${what}`,
        { attempt, without },
      ]),
    ),
  ),
  ...Object.fromEntries(
    [staging, tools].flatMap((account) =>
      attemptsOfRoles(account).map(([what, attempt, without]): [string, Attack] => [
        `a role of ${account} with all permissions ${what}`,
        { attempt, without },
      ]),
    ),
  ),
  "a new role of the tools account assumes a stranger's role that trusts it": {
    attempt: calls(tools, 'sts:AssumeRole', role(stranger, 'theirs'), { policy: trustsTools }),
    without: noBoundary,
  },
  'a template removes the boundary from a role': {
    attempt: deploys(production, 'iam:DeleteRolePermissionsBoundary', own, {
      'iam:PermissionsBoundary': boundaryArn(production),
    }),
    without: { execution: all },
  },
  'a template replaces the boundary of a role': {
    attempt: deploys(production, 'iam:PutRolePermissionsBoundary', own, {
      'iam:PermissionsBoundary': 'arn:aws:iam::aws:policy/AdministratorAccess',
    }),
    without: { execution: unconditional('RolesWithinTheBoundary') },
  },
  'a template rewrites the boundary': {
    attempt: deploys(production, 'iam:CreatePolicyVersion', boundaryArn(production)),
    without: { execution: all },
  },
  'a template changes the trust policy of a bootstrap role': {
    attempt: deploys(production, 'iam:UpdateAssumeRolePolicy', cdkRole(production, 'deploy')),
    without: { execution: all },
  },
  'a template extends the permissions of the template reader role': {
    attempt: deploys(production, 'iam:PutRolePolicy', role(production, 'windows-auth-template-reader')),
    without: { execution: all },
  },
  'a template passes an administrator role of the account to its function': {
    attempt: deploys(production, 'iam:PassRole', role(production, 'Administrator')),
    without: { execution: all },
  },
  'a template shares a snapshot of the database': {
    attempt: deploys(
      production,
      'rds:ModifyDBSnapshotAttribute',
      `arn:aws:rds:${region}:${production}:snapshot:x`,
    ),
    without: { execution: without('NeverOfATemplate') },
  },
  'a template starts a task with its own program and the secret of the service': {
    attempt: deploys(
      production,
      'ecs:RunTask',
      `arn:aws:ecs:${region}:${production}:task-definition/windows-auth-production-web-doctor:1`,
    ),
    without: { execution: without('NeverOfATemplate') },
  },
  "a function's role with all permissions creates a user": {
    attempt: calls(staging, 'iam:CreateUser', `arn:aws:iam::${staging}:user/evil`),
    without: noBoundary,
  },
  "a function's role with all permissions gives itself more": {
    attempt: calls(staging, 'iam:PutRolePolicy', role(staging, 'windows-auth-staging-service-evil')),
    without: noBoundary,
  },
  "a function's role with all permissions changes the policies for deployments": {
    attempt: calls(
      staging,
      'cloudformation:UpdateStack',
      `arn:aws:cloudformation:${region}:${staging}:stack/windows-auth-deployment/1`,
    ),
    without: noBoundary,
  },
  'a new role of the tools account changes the policies for deployments': {
    attempt: calls(
      tools,
      'cloudformation:UpdateStack',
      `arn:aws:cloudformation:${region}:${tools}:stack/windows-auth-deployment/1`,
    ),
    without: noBoundary,
  },
  'a new role of the tools account answers an approval': {
    attempt: calls(
      tools,
      'codepipeline:PutApprovalResult',
      `arn:aws:codepipeline:${region}:${tools}:windows-auth/production-service-approval/Approve`,
    ),
    without: noBoundary,
  },
  ...Object.fromEntries(
    (
      [
        ['overrides a stage condition', 'OverrideStageCondition', '/Pipeline-approval'],
        ['retries a stage that was rejected', 'RetryStageExecution', '/production-service-approval'],
        ['rolls back to another execution', 'RollbackStage', '/production-service'],
        ['disables a stage transition', 'DisableStageTransition', '/production-service'],
        ['enables a stage transition', 'EnableStageTransition', '/production-service'],
        ['changes the pipeline', 'UpdatePipeline', ''],
        ['deletes the pipeline', 'DeletePipeline', ''],
        ['stops an execution', 'StopPipelineExecution', ''],
        ['starts the pipeline with another revision', 'PutActionRevision', '/Source/Source'],
        ['reports a job as succeeded', 'PutJobSuccessResult', undefined],
      ] as const
    ).map(([what, action, place]): [string, Attack] => [
      `a new role of the tools account ${what}`,
      {
        attempt: calls(
          tools,
          `codepipeline:${action}`,
          place === undefined ? '*' : `arn:aws:codepipeline:${region}:${tools}:windows-auth${place}`,
        ),
        without: noBoundary,
      },
    ]),
  ),
  'a new role of the tools account changes what a build of the pipeline runs': {
    attempt: calls(
      tools,
      'codebuild:UpdateProject',
      `arn:aws:codebuild:${region}:${tools}:project/windows-auth-update-pipeline`,
    ),
    without: noBoundary,
  },
  ...Object.fromEntries(
    (
      [
        ['makes the statements about images expire', 's3:PutLifecycleConfiguration', keptStatements],
        ['deletes the policy of their bucket', 's3:DeleteBucketPolicy', keptStatements],
        ['turns off the versioning of their bucket', 's3:PutBucketVersioning', keptStatements],
        ["points the signing key's alias to another key", 'kms:UpdateAlias', ofTools('kms', 'alias/x')],
        ['disables the signing key', 'kms:DisableKey', ofTools('kms', 'key/1')],
        ['makes image tags mutable', 'ecr:PutImageTagMutability', ofTools('ecr', 'repository/x')],
        ['deletes images', 'ecr:BatchDeleteImage', ofTools('ecr', 'repository/x')],
        ["exports logs to a stranger's bucket", 'logs:CreateExportTask', ofTools('logs', 'log-group:x')],
        ['sends all logs to a stranger', 'logs:PutAccountPolicy', '*'],
        ['lets others write logs', 'logs:PutResourcePolicy', '*'],
      ] as const
    ).map(([what, action, resource]): [string, Attack] => [
      `a new role of the tools account ${what}`,
      {
        // A key is also governed by its own policy, which at most delegates to the account.
        attempt: calls(tools, action, resource, { resourceAccount: tools, policy: ownedByAccount }),
        without: { boundary: without('NoNewRights') },
      },
    ]),
  ),
  'a new role of the tools account works in another region': {
    attempt: calls(tools, 's3:GetObject', 'arn:aws:s3:::x/y', { region: 'us-east-1' }),
    without: noBoundary,
  },
  'a new role of the tools account signs': {
    attempt: calls(tools, 'kms:Sign', ofTools('kms', 'key/1'), { policy: ownedByAccount }),
    without: { boundary: without('OnlyTheSignerSigns') },
  },
  "a function's role with all permissions works in another region": {
    attempt: calls(staging, 'ec2:RunInstances', `arn:aws:ec2:us-east-1:${staging}:instance/i-1`, {
      region: 'us-east-1',
    }),
    without: noBoundary,
  },
  ...Object.fromEntries(
    (
      [
        ['pushes an image to a repository', 'ecr:PutImage', ofAStranger('ecr', 'repository/x')],
        ['sends events to a bus', 'events:PutEvents', ofAStranger('events', 'event-bus/default')],
        ['encrypts with a key', 'kms:Encrypt', ofAStranger('kms', 'key/1')],
        ['passes data to a function', 'lambda:InvokeFunction', ofAStranger('lambda', 'function:x')],
        ['writes to a log', 'logs:PutLogEvents', ofAStranger('logs', 'log-group:x:log-stream:y')],
        ['writes to a bucket', 's3:PutObject', 'arn:aws:s3:::of-a-stranger/data'],
        ['writes a secret', 'secretsmanager:PutSecretValue', ofAStranger('secretsmanager', 'secret:x')],
        ['sends messages to a queue', 'sqs:SendMessage', ofAStranger('sqs', 'x')],
      ] as const
    ).flatMap(([what, action, resource]) =>
      [staging, ...(calledInTools.includes(serviceOf(action)) ? [tools] : [])].map(
        (account): [string, Attack] => [
          `a role of ${account} with all permissions ${what} of a stranger`,
          {
            attempt: calls(account, action, resource, { resourceAccount: stranger, policy: letsEverybodyIn }),
            without: { boundary: withoutService('NothingOfOtherAccounts', serviceOf(action)) },
          },
        ],
      ),
    ),
  ),
  "a function's role with all permissions opens a bucket to strangers": {
    attempt: calls(staging, 's3:PutBucketPolicy', `arn:aws:s3:::cdk-wind0e5fc5-assets-${staging}-${region}`),
    without: { boundary: without('NoNewRights') },
  },
};

/** Builds that run the code of a commit before any approval, with the permissions that they have. */
const builds = ['audit', 'checks', 'imagesidecar', 'imageweb', 'synth', 'tests'] as const;
const inBuild = (accounts: AccountRoles, build: string): Role => {
  const found = [...accounts.roles.values()].find(({ id }) => id.startsWith(`${build}buildrole`));
  if (!found) throw new Error(`There is no role of the build ${build}.`);
  return found;
};
const withAllRights = { cdkTemplate: true, identity: () => [everything], ...noBoundary };

export const attacksOfUnapprovedCode: Readonly<Record<string, Attack>> = Object.fromEntries(
  builds.flatMap((build): [string, Attack][] => [
    ...['deploy', 'file-publishing', 'lookup'].map((whom): [string, Attack] => [
      `${build} assumes ${whom} of production`,
      {
        attempt: (accounts) => mayAssume(accounts, inBuild(accounts, build).arn, cdkRole(production, whom)),
        without: withAllRights,
      },
    ]),
    ...(
      [
        [
          'codepipeline:PutApprovalResult',
          `arn:aws:codepipeline:${region}:${tools}:windows-auth/production-service-approval/Approve`,
        ],
        ['codebuild:StartBuild', `arn:aws:codebuild:${region}:${tools}:project/windows-auth-update-pipeline`],
        [
          'cloudformation:UpdateStack',
          `arn:aws:cloudformation:${region}:${tools}:stack/windows-auth-pipeline/1`,
        ],
        ['iam:PutRolePolicy', role(tools, 'windows-auth-pipeline-update')],
      ] as const
    ).map(([action, resource]): [string, Attack] => [
      `${build} calls ${action}`,
      {
        attempt: (accounts) => {
          const { arn: principal, identity, boundary } = inBuild(accounts, build);
          return isAllowed({ principal, action, resource, region }, { identity, boundary });
        },
        without: withAllRights,
      },
    ]),
  ]),
);

/** Attacks by somebody who runs code in staging, with all permissions that a role there can have. */
export const attacksFromStaging: Readonly<Record<string, Attack>> = {
  'deploys to production': {
    attempt: trusting(takesOn(staging, cdkRole(production, 'deploy')), staging),
    without: { cdkTemplate: true, ...noBoundary },
  },
  "publishes to production's bucket": {
    attempt: trusting(takesOn(staging, cdkRole(production, 'file-publishing')), staging),
    without: { cdkTemplate: true, ...noBoundary },
  },
  'assumes the role of the pipeline': {
    attempt: trusting(takesOn(staging, role(tools, 'windows-auth-pipeline-codepipeline')), staging),
    without: noBoundary,
  },
  "starts production's integration test": {
    attempt: trusting(
      takesOn(staging, role(production, 'windows-auth-production-integration-test')),
      staging,
    ),
    without: noBoundary,
  },
  "deploys in staging with the bootstrap's role": {
    attempt: takesOn(staging, cdkRole(staging, 'deploy')),
    without: { cdkTemplate: true, ...noBoundary },
  },
};

/** The same attack when the role in the other account carelessly trusts staging, so that only the boundary protects. */
function trusting(attempt: Attack['attempt'], account: string): Attack['attempt'] {
  const careless: Policy = {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'sts:AssumeRole' },
    ],
  };
  return (accounts) =>
    attempt({
      roles: new Map([...accounts.roles].map(([arn, each]) => [arn, { ...each, trust: careless }])),
    });
}
