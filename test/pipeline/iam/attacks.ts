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

/** Something that an attacker tries, and what keeps it from succeeding. */
export interface Attack {
  /** Whether it succeeds, with the roles as the accounts have them. */
  readonly attempt: (accounts: AccountRoles) => Promise<boolean>;
  /** Accounts without what protects, in which it succeeds: an attack that never could proves nothing. */
  readonly without: Weakening;
}

/** What a stranger says of a thing, so that everybody may use it. */
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

/** Somebody who may push to the main branch. */
export const attacksOfAPusher: Readonly<Record<string, Attack>> = {
  "a new role of the tools account deploys to production, should production trust the CDK's way": {
    attempt: takesOn(tools, cdkRole(production, 'deploy')),
    without: { cdkTemplate: true, boundary: without('DeploymentsAreOfThePipeline') },
  },
  ...Object.fromEntries(
    [production, tools].flatMap((account) =>
      ['deploy', 'file-publishing', 'image-publishing', 'lookup'].map((whom): [string, Attack] => [
        `a new role of the tools account takes on ${whom} of ${account}, should it have got no boundary`,
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
  "a new role publishes into production's bucket": {
    attempt: takesOn(tools, cdkRole(production, 'file-publishing')),
    without: { cdkTemplate: true, ...noBoundary },
  },
  'a new role looks around in production': {
    attempt: takesOn(tools, cdkRole(production, 'lookup')),
    without: { cdkTemplate: true, ...noBoundary },
  },
  'a new role deploys in the tools account, past the pipeline': {
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
        `a role of ${account} with all rights ${what}`,
        { attempt, without },
      ]),
    ),
  ),
  "a new role of the tools account takes on a stranger's, which lets it": {
    attempt: calls(tools, 'sts:AssumeRole', role(stranger, 'theirs'), { policy: trustsTools }),
    without: noBoundary,
  },
  'a template takes the boundary off': {
    attempt: deploys(production, 'iam:DeleteRolePermissionsBoundary', own, {
      'iam:PermissionsBoundary': boundaryArn(production),
    }),
    without: { execution: all },
  },
  'a template exchanges the boundary': {
    attempt: deploys(production, 'iam:PutRolePermissionsBoundary', own, {
      'iam:PermissionsBoundary': 'arn:aws:iam::aws:policy/AdministratorAccess',
    }),
    without: { execution: unconditional('RolesWithinTheBoundary') },
  },
  'a template rewrites the boundary': {
    attempt: deploys(production, 'iam:CreatePolicyVersion', boundaryArn(production)),
    without: { execution: all },
  },
  'a template changes whom the roles of the bootstrap trust': {
    attempt: deploys(production, 'iam:UpdateAssumeRolePolicy', cdkRole(production, 'deploy')),
    without: { execution: all },
  },
  'a template gives the reader of templates more to read': {
    attempt: deploys(production, 'iam:PutRolePolicy', role(production, 'windows-auth-template-reader')),
    without: { execution: all },
  },
  'a template hands an administrator of the account to its function': {
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
  'a template starts a task, with a program of its own beside the secret of the service': {
    attempt: deploys(
      production,
      'ecs:RunTask',
      `arn:aws:ecs:${region}:${production}:task-definition/windows-auth-production-web-doctor:1`,
    ),
    without: { execution: without('NeverOfATemplate') },
  },
  "a function's role with all rights makes a user": {
    attempt: calls(staging, 'iam:CreateUser', `arn:aws:iam::${staging}:user/evil`),
    without: noBoundary,
  },
  "a function's role with all rights gives itself more": {
    attempt: calls(staging, 'iam:PutRolePolicy', role(staging, 'windows-auth-staging-service-evil')),
    without: noBoundary,
  },
  "a function's role with all rights changes the policies for deployments": {
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
  'a new role of the tools account approves': {
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
        ['goes past a condition', 'OverrideStageCondition', '/Pipeline-approval'],
        ['repeats a stage that was rejected', 'RetryStageExecution', '/production-service-approval'],
        ['goes back to another execution', 'RollbackStage', '/production-service'],
        ['holds a stage up', 'DisableStageTransition', '/production-service'],
        ['lets through what was held up', 'EnableStageTransition', '/production-service'],
        ['changes the pipeline', 'UpdatePipeline', ''],
        ['deletes the pipeline', 'DeletePipeline', ''],
        ['stops an execution', 'StopPipelineExecution', ''],
        ['gives the pipeline another revision', 'PutActionRevision', '/Source/Source'],
        ['says that a job has succeeded', 'PutJobSuccessResult', undefined],
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
        ['lets the statements about images expire', 's3:PutLifecycleConfiguration', keptStatements],
        ['takes the policy off their bucket', 's3:DeleteBucketPolicy', keptStatements],
        ['keeps no versions of them', 's3:PutBucketVersioning', keptStatements],
        ["has the signing key's name mean another key", 'kms:UpdateAlias', ofTools('kms', 'alias/x')],
        ['disables the signing key', 'kms:DisableKey', ofTools('kms', 'key/1')],
        ['lets tags of images be moved', 'ecr:PutImageTagMutability', ofTools('ecr', 'repository/x')],
        ['deletes images', 'ecr:BatchDeleteImage', ofTools('ecr', 'repository/x')],
        ["carries logs into a stranger's bucket", 'logs:CreateExportTask', ofTools('logs', 'log-group:x')],
        ['sends all logs to a stranger', 'logs:PutAccountPolicy', '*'],
        ['lets others write logs', 'logs:PutResourcePolicy', '*'],
      ] as const
    ).map(([what, action, resource]): [string, Attack] => [
      `a new role of the tools account ${what}`,
      {
        // Of a key its own policy has a say: at most it gives the key to its account.
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
  "a function's role with all rights works in another region": {
    attempt: calls(staging, 'ec2:RunInstances', `arn:aws:ec2:us-east-1:${staging}:instance/i-1`, {
      region: 'us-east-1',
    }),
    without: noBoundary,
  },
  ...Object.fromEntries(
    (
      [
        ['pushes an image into a repository', 'ecr:PutImage', ofAStranger('ecr', 'repository/x')],
        ['sends events to a bus', 'events:PutEvents', ofAStranger('events', 'event-bus/default')],
        ['encrypts with a key', 'kms:Encrypt', ofAStranger('kms', 'key/1')],
        ['hands data to a function', 'lambda:InvokeFunction', ofAStranger('lambda', 'function:x')],
        ['writes into a log', 'logs:PutLogEvents', ofAStranger('logs', 'log-group:x:log-stream:y')],
        ['writes into a bucket', 's3:PutObject', 'arn:aws:s3:::of-a-stranger/data'],
        ['writes a secret', 'secretsmanager:PutSecretValue', ofAStranger('secretsmanager', 'secret:x')],
        ['sends messages to a queue', 'sqs:SendMessage', ofAStranger('sqs', 'x')],
      ] as const
    ).flatMap(([what, action, resource]) =>
      [staging, ...(calledInTools.includes(serviceOf(action)) ? [tools] : [])].map(
        (account): [string, Attack] => [
          `a role of ${account} with all rights ${what} of a stranger's`,
          {
            attempt: calls(account, action, resource, { resourceAccount: stranger, policy: letsEverybodyIn }),
            without: { boundary: withoutService('NothingOfOtherAccounts', serviceOf(action)) },
          },
        ],
      ),
    ),
  ),
  "a function's role with all rights opens a bucket to strangers": {
    attempt: calls(staging, 's3:PutBucketPolicy', `arn:aws:s3:::cdk-wind0e5fc5-assets-${staging}-${region}`),
    without: { boundary: without('NoNewRights') },
  },
};

/** Builds that run the code of a commit before anybody was asked, with the rights that they have. */
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
      `${build} takes on ${whom} of production`,
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

/** Somebody who runs code in staging, with all rights that a role there can have. */
export const attacksFromStaging: Readonly<Record<string, Attack>> = {
  'deploys to production': {
    attempt: trusting(takesOn(staging, cdkRole(production, 'deploy')), staging),
    without: { cdkTemplate: true, ...noBoundary },
  },
  "publishes into production's bucket": {
    attempt: trusting(takesOn(staging, cdkRole(production, 'file-publishing')), staging),
    without: { cdkTemplate: true, ...noBoundary },
  },
  'becomes the pipeline': {
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

/** The same, should the role in the other account be so careless as to trust staging: the boundary is left. */
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
