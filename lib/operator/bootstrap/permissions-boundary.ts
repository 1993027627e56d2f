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

/** The services that roles in the tools account call: those of the pipeline and its builds. */
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

/**
 * The services that roles of an environment call: those of tasks, functions and builds, and of AWS services that act
 * for us.
 */
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

/** Services in which the owner of a resource can give other accounts access. */
const shared = ['ecr', 'events', 'kms', 'lambda', 'logs', 's3', 'secretsmanager', 'sqs'];

/**
 * The permissions boundary for the roles of our stacks in one account. Whatever a template grants, they can only call
 * the services that our programs call, in our regions, on resources in the deployment's own accounts. They cannot
 * create or change roles, policies or keys; and they cannot assume other roles, except for roles of the pipeline that
 * must.
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
          // Of CodePipeline only these calls: approvals are for people to give, not for our roles.
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
          // Some calls do not act on a resource that belongs to an account.
          Null: { 'aws:ResourceAccount': 'false' },
        },
      },
      {
        Sid: 'NoNewRights',
        Effect: 'Deny',
        Action: [
          ...neverOfARole.filter((action) => services.includes(action.split(':')[0] ?? '')),
          // A source action with a connection uses such a call to give the bucket's owner the object.
          ...(isTools ? [] : ['s3:PutObject*Acl']),
          // Step Functions needs it for logging. The call cannot be limited to a resource; its policies let only AWS
          // services write.
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

/**
 * Whether the account has a state machine: each job has one, and so has each service that starts new tasks for a new
 * password.
 */
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

/** The IAM actions except iam:PassRole, by the first letters of their names. */
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

/** Calls that show whether an instance has joined a domain; roles have no right to change an instance. */
const membershipCalls = ['rds:DescribeDBInstances', 'rds:DescribeEvents'];

/** Whether one of our instances in the account joins an existing directory; a function waits for that. */
function joinsOthers({ environments }: Deployment, account: string): boolean {
  return environments.some(
    (environment) =>
      environment.account === account && hasOwnDatabase(environment) && environment.directory.type !== 'new',
  );
}

/**
 * Secrets of other accounts, their keys, and image repositories that the configuration names for environments in the
 * account.
 */
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

/** Starting a task passes its roles to ECS. A job's state machine may do so, but only with roles of our stacks. */
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

/**
 * Only one role may state what an image is made of. The key's own policy says the same, but a template could change it.
 */
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

/**
 * Roles in the tools account may assume those of its actions; roles of the bootstrap are for the pipeline's own roles
 * only.
 */
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

/** Names of the pipeline's roles that assume roles of the bootstrap. */
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
