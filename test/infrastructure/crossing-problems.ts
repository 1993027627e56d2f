import { RegionInfo } from 'aws-cdk-lib/region-info';
import { pseudoParameters, resolve } from '../../local/pipeline/template/resolve.ts';
import { list, objectsIn, type Resource, type SynthesizedTemplate } from './template.ts';

/** The account and region of a template's stack, and the accounts of the deployment. */
export interface Whereabouts {
  readonly account: string;
  readonly region: string;
  readonly accounts: readonly string[];
}

interface Statement {
  readonly Action: string | readonly string[];
  readonly Principal?: '*' | Readonly<Record<string, string | readonly string[]>>;
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

const pull = ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];
const read = ['s3:GetBucketAcl', 's3:GetBucketLocation', 's3:GetBucketVersioning', 's3:GetObject'];
/** Actions that others than the owner's account may be allowed on our resources: reading, and assuming roles. */
const ofOthers = new Set([
  ...pull,
  ...read,
  's3:GetObjectVersion',
  's3:ListBucket',
  'kms:Decrypt',
  'kms:DescribeKey',
  'sts:AssumeRole',
]);
/** Further actions of AWS services: sending notifications, logging, and encrypting notifications. */
const ofServices = new Set([
  ...ofOthers,
  'kms:GenerateDataKey*',
  'logs:CreateLogStream',
  'logs:DescribeLogStreams',
  'logs:PutLogEvents',
  's3:PutObject',
  'sns:Publish',
  'sqs:SendMessage',
]);

/**
 * Condition keys with which a service states on whose behalf it acts.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
 */
const forWhom = ['aws:SourceAccount', 'aws:SourceArn', 'kms:EncryptionContext:aws:sns:topicArn'];

/**
 * Services for which AWS does not document that they name an account when they assume a role. With such a condition,
 * they might be unable to assume it. Each with the page that shows the trust policy that it needs.
 */
export const sayingNoAccount: Readonly<Record<string, string>> = {
  'codepipeline.amazonaws.com':
    'https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-create-service-role-cli.html',
  'ec2.amazonaws.com': 'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-roles-for-amazon-ec2.html',
  'ecs.amazonaws.com':
    'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AmazonECSInfrastructureRolePolicyForLoadBalancers.html',
  // ECS names an account for the roles of programs, as AWS documents, but not for the execution roles with which it
  // starts them.
  'ecs-tasks.amazonaws.com':
    'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html',
  'lambda.amazonaws.com': 'https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html',
};

/**
 * Checks who may access resources from another account, or reach another account, according to the resource policies of
 * a template (buckets, keys, queues, topics, repositories and endpoints) and the trust policies of roles.
 *
 * @returns one sentence for each statement that is not limited to our own accounts
 */
export function crossingProblems(template: SynthesizedTemplate, where: Whereabouts): string[] {
  return Object.entries(template.Resources).flatMap(([id, resource]) =>
    statementsOf(resource, where)
      .flatMap((statement) =>
        resource.Type === 'AWS::EC2::VPCEndpoint'
          ? outwards(statement, resource, where)
          : inwards(statement, resource, where),
      )
      .map((problem) => `${id} ${problem}`),
  );
}

/** Statements that name principals: those of resource policies, not of identity policies. */
function statementsOf({ Type, Properties }: Resource, { account, region }: Whereabouts): Statement[] {
  const references = pseudoParameters(account, region);
  // CloudWatch Logs has its policies as text.
  const policies =
    Type === 'AWS::Logs::ResourcePolicy'
      ? JSON.parse(resolve(Properties.PolicyDocument, references) as string)
      : Properties;
  return [...objectsIn(policies)]
    .filter(({ Effect, Principal }) => Effect === 'Allow' && Principal !== undefined)
    .map((statement) => resolve(statement, references) as Statement);
}

/** An endpoint may only be used by principals of our account, for resources of our accounts or named resources. */
function outwards(
  { Action, Resource, Condition }: Statement,
  { Properties }: Resource,
  { account, region, accounts }: Whereabouts,
): string[] {
  // Objects in buckets of other accounts are read and written with presigned addresses of their owners.
  const objects = list(Action).every((action) => /^s3:(Get|Put)Object$/.test(action));
  const named = list(Resource);
  if (objects && named.every((arn) => /^arn:aws:s3:::[a-z0-9.-]+\/.+$/.test(arn))) return [];
  const callers = list(Condition?.StringEquals?.['aws:PrincipalAccount']);
  const owners = list(
    Condition?.StringEquals?.['aws:ResourceAccount'] ??
      Condition?.StringEqualsIfExists?.['aws:ResourceAccount'],
  );
  const isBounded =
    (owners.length > 0 && owners.every((owner) => accounts.includes(owner))) ||
    named.every((arn) => /^arn:aws:[a-z0-9-]+:[a-z0-9-]+:\d{12}:.*[^*]$/.test(arn));
  // Documents and agents of Systems Manager belong to AWS.
  const service = JSON.stringify(Properties.ServiceName);
  const ofAws = ['ssm', 'ssmmessages', 'ec2messages'].some((name) => service.endsWith(`.${name}"`));
  return [
    ...(callers.length === 1 && callers[0] === account ? [] : ['lets calls of other accounts through']),
    ...(isBounded || ofAws ? [] : [`lets ${list(Action).join(', ')} on things of other accounts through`]),
  ].map((problem) => `${problem} in ${region}`);
}

/**
 * The Directory Service does not name an account when it writes the log of a directory.
 *
 * @see https://docs.aws.amazon.com/directoryservice/latest/admin-guide/ms_ad_enable_log_forwarding.html
 */
function writesDirectoryLogs(service: string, actions: Statement['Action']): boolean {
  return service === 'ds.amazonaws.com' && list(actions).every((action) => action.startsWith('logs:'));
}

/** Whether a condition requires a key and accepts only the account, its resources, or those of the same template. */
function isForAccount(condition: Statement['Condition'], key: string, account: string): boolean {
  const asked = Object.entries(condition ?? {}).flatMap(([operator, values]) =>
    /^(String|Arn)(Equals|Like)$/.test(operator) ? list(values[key]) : [],
  );
  const isOwn = (value: string) =>
    value === account || value.split(':')[4] === account || /^\$\{\w+\.Arn\}$/.test(value);
  return asked.length > 0 && asked.every(isOwn);
}

function inwards(
  { Action, Principal, Resource, Condition }: Statement,
  { Type }: Resource,
  { account, region, accounts }: Whereabouts,
): string[] {
  if (Principal === '*') return ['lets everybody in'];
  const { Service, AWS, ...others } = Principal ?? {};
  const keys = Object.entries(Condition ?? {}).flatMap(([operator, values]) =>
    /^(String|Arn)(Equals|Like)$/.test(operator) ? Object.keys(values) : [],
  );
  const isSaid = forWhom.some((key) => isForAccount(Condition, key, account));
  const isRole = Type === 'AWS::IAM::Role';
  const byPath = list(Resource).every((arn) => arn.endsWith(`/AWSLogs/${account}/*`));
  const services = list(Service).filter((service) => {
    if (isSaid || writesDirectoryLogs(service, Action)) return false;
    if (isRole) return !(service in sayingNoAccount);
    // Logs are delivered to a path with the number of the account they belong to. Reading the bucket's ACL changes
    // nothing.
    return !(service === 'delivery.logs.amazonaws.com' && (byPath || Action === 's3:GetBucketAcl'));
  });
  const balancers = RegionInfo.get(region).elbv2Account;
  const principals = list(AWS).flatMap((principal) => {
    const [, owner = ''] = /^(?:arn:aws:iam::)?(\d{12})(?::|$)/.exec(principal) ?? [];
    const isWhole = !/:role\//.test(principal);
    if (owner === balancers && byPath && Action === 's3:PutObject') return [];
    if (owner === '' && /^\$\{\w+\.Arn\}$/.test(principal)) return [];
    if (!accounts.includes(owner)) return [`lets ${principal} in, which is none of ours`];
    const isNarrow =
      keys.includes('aws:PrincipalArn') || list(Action).every((action) => pull.includes(action));
    if (isWhole && !isNarrow && (owner !== account || isRole)) return [`lets all of the account ${owner} in`];
    return [];
  });
  const isOwner =
    list(AWS).length > 0 && list(AWS).every((principal) => principal === `arn:aws:iam::${account}:root`);
  const isBalancer = list(AWS).some((principal) => principal.includes(`:${balancers}:`));
  const may = Service !== undefined || isBalancer ? ofServices : ofOthers;
  const more = isOwner && !isRole ? [] : list(Action).filter((action) => !may.has(action));
  return [
    ...(more.length > 0 ? [`lets others do ${more.join(', ')}`] : []),
    ...services.map((service) => `lets ${service} in for any account`),
    ...principals,
    ...Object.keys(others).map((kind) => `lets ${kind} in`),
  ];
}
