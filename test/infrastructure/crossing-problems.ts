import { RegionInfo } from 'aws-cdk-lib/region-info';
import { pseudoParameters, resolve } from '../../local/pipeline/template/resolve.ts';
import { list, objectsIn, type Resource, type SynthesizedTemplate } from './template.ts';

/** Where a template's stack is, and the accounts that the deployment is made of. */
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
/** What others than the owner's account are let do with a thing of ours: they read, or take on a role. */
const ofOthers = new Set([
  ...pull,
  ...read,
  's3:GetObjectVersion',
  's3:ListBucket',
  'kms:Decrypt',
  'kms:DescribeKey',
  'sts:AssumeRole',
]);
/** What services do besides: they tell, log, and encrypt what they tell. */
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
 * Keys by which a service says for whom it acts.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
 */
const forWhom = ['aws:SourceAccount', 'aws:SourceArn', 'kms:EncryptionContext:aws:sns:topicArn'];

/**
 * Services of which AWS does not say that they name an account when they take on a role: they could not take it on if
 * they were asked. Each with the page that shows the trust that it needs.
 */
export const sayingNoAccount: Readonly<Record<string, string>> = {
  'codepipeline.amazonaws.com':
    'https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-create-service-role-cli.html',
  'ec2.amazonaws.com': 'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-roles-for-amazon-ec2.html',
  'ecs.amazonaws.com':
    'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AmazonECSInfrastructureRolePolicyForLoadBalancers.html',
  // The roles of programs are asked, which AWS shows; those by which ECS starts them are not.
  'ecs-tasks.amazonaws.com':
    'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html',
  'lambda.amazonaws.com': 'https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html',
};

/**
 * Who may come from another account, and who may go to one, by the policies of the resources of a template: those of
 * buckets, keys, queues, topics, repositories and endpoints, and whom roles trust.
 *
 * @returns one sentence for each statement that does not say of itself that only our own accounts are meant
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

/** Statements that say whom they are for: those of resources, and not those of who calls. */
function statementsOf({ Type, Properties }: Resource, { account, region }: Whereabouts): Statement[] {
  const references = pseudoParameters(account, region);
  // CloudWatch Logs takes its policies as text.
  const policies =
    Type === 'AWS::Logs::ResourcePolicy'
      ? JSON.parse(resolve(Properties.PolicyDocument, references) as string)
      : Properties;
  return [...objectsIn(policies)]
    .filter(({ Effect, Principal }) => Effect === 'Allow' && Principal !== undefined)
    .map((statement) => resolve(statement, references) as Statement);
}

/** Through an endpoint goes what is ours: callers of our account, and things of our accounts or that are named. */
function outwards(
  { Action, Resource, Condition }: Statement,
  { Properties }: Resource,
  { account, region, accounts }: Whereabouts,
): string[] {
  // Objects of buckets that no account of ours has are fetched and put with addresses that others have signed.
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
  // Documents and agents of Systems Manager are AWS's.
  const service = JSON.stringify(Properties.ServiceName);
  const ofAws = ['ssm', 'ssmmessages', 'ec2messages'].some((name) => service.endsWith(`.${name}"`));
  return [
    ...(callers.length === 1 && callers[0] === account ? [] : ['lets calls of other accounts through']),
    ...(isBounded || ofAws ? [] : [`lets ${list(Action).join(', ')} on things of other accounts through`]),
  ].map((problem) => `${problem} in ${region}`);
}

/**
 * The Directory Service names no account when it writes the log of a directory.
 *
 * @see https://docs.aws.amazon.com/directoryservice/latest/admin-guide/ms_ad_enable_log_forwarding.html
 */
function writesDirectoryLogs(service: string, actions: Statement['Action']): boolean {
  return service === 'ds.amazonaws.com' && list(actions).every((action) => action.startsWith('logs:'));
}

/** Whether a condition asks for a key, and takes nothing but the account, things of it, or those of the same template. */
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
    // Logs are delivered below the number of the account that they are of; who looks at the list of rights changes nothing.
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
