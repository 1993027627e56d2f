import { PolicyStatement, StarPrincipal } from 'aws-cdk-lib/aws-iam';
import { namedOfOthers } from '../../config/index.ts';
import type { EnvironmentContext } from '../common/stage-contract.ts';

/** Buckets of AWS that hosts under Systems Manager load their agent's parts from. */
const managementBuckets = ['amazon-ssm', 'amazon-ssm-packages', 'aws-ssm', 'aws-windows-downloads'] as const;

/**
 * Through an interface endpoint go calls of this account's own principals alone, about what belongs to this account or
 * the tools account. Without a policy, whoever runs code in the network could bring credentials of another account, and
 * write to that account what is here.
 */
export function ownCallsOnly(
  { deployment, environment }: EnvironmentContext,
  { foreignResources = false }: { readonly foreignResources?: boolean } = {},
): PolicyStatement {
  return new PolicyStatement({
    sid: 'OwnCallsOnly',
    principals: [new StarPrincipal()],
    actions: ['*'],
    resources: ['*'],
    conditions: {
      StringEquals: { 'aws:PrincipalAccount': environment.account },
      ...(!foreignResources && {
        // Not every call is about a thing that belongs to somebody.
        StringEqualsIfExists: {
          'aws:ResourceAccount': [...new Set([environment.account, deployment.tools.account])],
        },
      }),
    },
  });
}

/**
 * Secrets of other accounts that the configuration names: they may be read through the endpoint of Secrets Manager, and
 * no others.
 */
export function foreignSecrets({ deployment, environment }: EnvironmentContext): PolicyStatement[] {
  const { secrets } = namedOfOthers(deployment, environment);
  if (secrets.length === 0) return [];
  return [
    new PolicyStatement({
      sid: 'SecretsOfOthers',
      principals: [new StarPrincipal()],
      actions: ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'],
      resources: [...secrets],
      conditions: { StringEquals: { 'aws:PrincipalAccount': environment.account } },
    }),
  ];
}

/** Images of other accounts that the configuration names: they may be pulled through the endpoints of ECR, and no others. */
export function foreignImages({ deployment, environment }: EnvironmentContext): PolicyStatement[] {
  const { repositories } = namedOfOthers(deployment, environment);
  if (repositories.length === 0) return [];
  return [
    new PolicyStatement({
      sid: 'ImagesOfOthers',
      principals: [new StarPrincipal()],
      actions: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
      resources: [...repositories],
      conditions: { StringEquals: { 'aws:PrincipalAccount': environment.account } },
    }),
  ];
}

/** The same for S3, and the few objects of others that the environment cannot do without. */
export function ownObjectsOnly(context: EnvironmentContext): PolicyStatement[] {
  const { region, network, database } = context.environment;
  const of = (sid: string, action: string, resources: readonly string[]) =>
    new PolicyStatement({
      sid,
      principals: [new StarPrincipal()],
      actions: [action],
      resources: resources.map((resource) => `arn:aws:s3:::${resource}`),
    });
  const script = database.type === 'new' && database.script ? scriptObject(database.script.url) : undefined;
  return [
    ownCallsOnly(context),
    of('LayersOfImages', 's3:GetObject', [`prod-${region}-starport-layer-bucket/*`]),
    // CloudFormation's own bucket, whose name has the region without hyphens.
    of('AnswersOfCustomResources', 's3:PutObject', [
      `cloudformation-custom-resource-response-${region.replaceAll('-', '')}/*`,
    ]),
    ...(script ? [of('ConfiguredScript', 's3:GetObject', [script])] : []),
    ...(network.type === 'new' && network.managementHost
      ? [
          of(
            'PartsOfTheAgent',
            's3:GetObject',
            managementBuckets.map((bucket) => `${bucket}-${region}/*`),
          ),
        ]
      : []),
  ];
}

/** `bucket/key` of an address in S3, in either of its forms; undefined of any other address. */
export function scriptObject(url: string): string | undefined {
  const { hostname, pathname } = new URL(url);
  const bucket = hostname.match(/^(?:(.+)\.)?s3[.-][a-z0-9-]+\.amazonaws\.com$/);
  if (!bucket) return undefined;
  const path = decodeURIComponent(pathname.slice(1));
  return bucket[1] ? `${bucket[1]}/${path}` : path;
}
