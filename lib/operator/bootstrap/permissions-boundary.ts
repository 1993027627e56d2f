import { pipelineRoles, templateReaderName } from '../../config/iam-names.ts';
import {
  type Deployment,
  directoryUserOf,
  type Environment,
  furtherServices,
  hasOwnDatabase,
  namedOfOthers,
  namesOf,
  redeploysOnRotation,
} from '../../config/index.ts';
import { environmentParts, stageName } from '../../config/pipeline-names.ts';
import type { PolicyDocument, Statement } from './execution-policy.ts';
import { bootstrapPlaces, roleNamePatterns } from './places.ts';
import { neverOfARole } from './services.ts';

/** The services that roles of the tools account call: the pipeline and its builds. */
const servicesCalledInTools = [
  'codebuild',
  'codecommit',
  'codeconnections',
  'codestar-connections',
  'ecr',
  'inspector2',
  'kms',
  'logs',
  's3',
] as const;

/** The services that roles of an environment call: tasks, functions, builds, and services that work for us. */
const servicesCalledInEnvironments = [
  'cloudwatch',
  'codebuild',
  'ds',
  'ds-data',
  'ec2',
  'ec2messages',
  'ecr',
  'ecs',
  'elasticloadbalancing',
  'events',
  'kms',
  'lambda',
  'logs',
  's3',
  'secretsmanager',
  'sqs',
  'ssm',
  'ssmmessages',
  'states',
  'xray',
] as const;

/** Services in which the owner of a thing may let other accounts in. */
const shared = ['ecr', 'events', 'kms', 'lambda', 'logs', 's3', 'secretsmanager', 'sqs'];

/**
 * What no role of our stacks goes beyond in one account, whatever a template gives it: the services that our programs
 * call, in our regions, on what belongs to the deployment's own accounts. No role makes or changes roles, policies or
 * keys; and none takes on another but those of the pipeline that have to.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
 */
export function permissionsBoundary(deployment: Deployment, account: string): PolicyDocument {
  const { tools, environments } = deployment;
  const isTools = account === tools.account;
  const hasEnvironment = environments.some((environment) => environment.account === account);
  const runsJobs = hasEnvironment && jobsOf(deployment).length > 0;
  const named = namedIn(deployment, account);
  const services = [
    ...new Set<string>([
      ...(isTools ? servicesCalledInTools : []),
      ...(hasEnvironment ? servicesCalledInEnvironments : []),
    ]),
  ].sort();
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'ServicesOfThePrograms',
        Effect: 'Allow',
        Action: [
          ...services.map((service) => `${service}:*`),
          // And no more of CodePipeline, which asks people for approvals: they are not given by a role of ours.
          ...(isTools
            ? [
                'codepipeline:ListActionExecutions',
                'codepipeline:ListPipelineExecutions',
                'codepipeline:StartPipelineExecution',
              ]
            : []),
          ...(joinsOthers(deployment, account) ? membershipCalls : []),
        ],
        Resource: '*',
        Condition: {
          StringEquals: {
            'aws:RequestedRegion': bootstrapPlaces(deployment)
              .filter((place) => place.account === account)
              .map(({ region }) => region),
          },
        },
      },
      {
        Sid: 'NothingOfOtherAccounts',
        Effect: 'Deny',
        Action: services.filter((service) => shared.includes(service)).map((service) => `${service}:*`),
        ...(named.length > 0 ? { NotResource: named } : { Resource: '*' }),
        Condition: {
          StringNotEquals: { 'aws:ResourceAccount': [...new Set([account, tools.account])] },
          // Not every call is about a thing that belongs to somebody.
          Null: { 'aws:ResourceAccount': 'false' },
        },
      },
      {
        Sid: 'NoNewRights',
        Effect: 'Deny',
        Action: [
          ...neverOfARole.filter((action) => services.includes(action.split(':')[0] ?? '')),
          // An object that a connection's source puts is the bucket's owner's in that way.
          ...(isTools ? [] : ['s3:PutObject*Acl']),
          // Step Functions asks for it where it logs; it knows no resource, and lets none but services write.
          ...(hasStateMachines(deployment, account) ? [] : ['logs:PutResourcePolicy']),
          ...(runsJobs ? allButPassing : ['iam:*']),
        ],
        Resource: '*',
      },
      ...(runsJobs ? [rolesOfJobs(deployment, account)] : []),
      ...(isTools ? [...rolesOfThePipeline(deployment), onlyTheSignerSigns(deployment)] : [noOtherRole]),
    ],
  };
}

/** Whether there is a state machine in the account: jobs are, and what starts new tasks with a new password. */
function hasStateMachines(deployment: Deployment, account: string): boolean {
  const inEnvironment = (environment: Environment) => {
    const { credentialMode } = environment.service;
    const further = furtherServices(deployment, environment);
    return (
      redeploysOnRotation({ credentialMode, user: directoryUserOf(deployment, environment) }) ||
      further.some((service) => service.kind === 'job' || redeploysOnRotation(service))
    );
  };
  return deployment.environments.some(
    (environment) => environment.account === account && inEnvironment(environment),
  );
}

/** The actions of IAM but one, that of handing a role to a service, by the beginnings of their names. */
const allButPassing = [
  ...[
    'Acc',
    'Add',
    'Ass',
    'Att',
    'Cha',
    'Cre',
    'Dea',
    'Del',
    'Det',
    'Dis',
    'Ena',
    'Fin',
    'Gen',
    'Get',
    'List',
  ],
  ...['Put', 'Rej', 'Rem', 'Res', 'Sen', 'Set', 'Sim', 'Tag', 'Unt', 'Upd', 'Upl'],
].map((beginning) => `iam:${beginning}*`);

/** What it takes to see whether an instance has joined a domain: no role has a right to change one. */
const membershipCalls = ['rds:DescribeDBInstances', 'rds:DescribeEvents'];

/** Whether an instance of ours joins a directory of others in the account: a function waits for that. */
function joinsOthers({ environments }: Deployment, account: string): boolean {
  return environments.some(
    (environment) =>
      environment.account === account && hasOwnDatabase(environment) && environment.directory.type !== 'new',
  );
}

/** Secrets of others, keys of such, and repositories, that the configuration names for environments in the account. */
function namedIn(deployment: Deployment, account: string): string[] {
  const named = deployment.environments
    .filter((environment) => environment.account === account)
    .map((environment) => namedOfOthers(deployment, environment));
  return [
    ...new Set(named.flatMap(({ secrets, keys, repositories }) => [...secrets, ...keys, ...repositories])),
  ];
}

function jobsOf({ services }: Deployment): string[] {
  return Object.entries(services).flatMap(([name, { kind }]) => (kind === 'job' ? [name] : []));
}

/** Starting a task passes its roles to ECS: a job's state machine may do so, with roles of our stacks only. */
function rolesOfJobs(deployment: Deployment, account: string): Statement {
  return {
    Sid: 'RolesOfJobs',
    Effect: 'Allow',
    Action: ['iam:PassRole'],
    Resource: roleNamePatterns(deployment, account).map((name) => `arn:aws:iam::${account}:role/${name}`),
    Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
  };
}

const noOtherRole: Statement = {
  Sid: 'NoOtherRole',
  Effect: 'Deny',
  Action: ['sts:AssumeRole*'],
  Resource: '*',
};

/** One role says what an image is made of. The key's own policy says the same; a template could change that. */
function onlyTheSignerSigns(deployment: Deployment): Statement {
  return {
    Sid: 'OnlyTheSignerSigns',
    Effect: 'Deny',
    Action: ['kms:Sign'],
    Resource: '*',
    Condition: {
      ArnNotEquals: {
        'aws:PrincipalArn': `arn:aws:iam::${deployment.tools.account}:role/${pipelineRoles.sign(deployment)}`,
      },
    },
  };
}

/** Roles in the tools account may take on those of its actions, and the pipeline's own those of the bootstrap. */
function rolesOfThePipeline(deployment: Deployment): Statement[] {
  const { tools, environments } = deployment;
  const inAccount = (account: string, role: string) => `arn:aws:iam::${account}:role/${role}`;
  const accounts = [...new Set([tools.account, ...environments.map(({ account }) => account)])];
  return [
    {
      Sid: 'RolesOfThePipeline',
      Effect: 'Allow',
      Action: ['sts:AssumeRole'],
      Resource: [
        ...roleNamePatterns({ ...deployment, environments: [] }, tools.account).map((name) =>
          inAccount(tools.account, name),
        ),
        ...accounts.flatMap((account) => [
          inAccount(account, 'cdk-*'),
          inAccount(account, templateReaderName(deployment)),
        ]),
        ...environments.map((environment) =>
          inAccount(environment.account, namesOf(deployment, environment).integrationTestRole),
        ),
      ],
    },
    {
      Sid: 'DeploymentsAreOfThePipeline',
      Effect: 'Deny',
      Action: ['sts:AssumeRole'],
      Resource: inAccount('*', 'cdk-*'),
      Condition: {
        ArnNotEquals: {
          'aws:PrincipalArn': deployingRoles(deployment).map((role) => inAccount(tools.account, role)),
        },
      },
    },
  ];
}

/** Names of the roles of the pipeline that take on roles of the bootstrap. */
function deployingRoles(deployment: Deployment): string[] {
  const { codePipeline, update, publish } = pipelineRoles;
  return [
    codePipeline(deployment),
    update(deployment),
    ...deployment.environments.flatMap((environment) =>
      environmentParts.map((part) => publish(deployment, stageName(environment, part))),
    ),
  ];
}
