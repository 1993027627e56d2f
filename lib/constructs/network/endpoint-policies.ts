import { PolicyStatement, StarPrincipal } from 'aws-cdk-lib/aws-iam';
import { namedOfOthers } from '../../config/index.ts';
import type { EnvironmentContext } from '../common/stage-contract.ts';

/** AWS buckets from which hosts under Systems Manager load parts of their agent. */
const managementBuckets = ['amazon-ssm', 'amazon-ssm-packages', 'aws-ssm', 'aws-windows-downloads'] as const;

/**
 * Allows only calls by principals of this account, on resources of this account or the tools account. Without an endpoint
 * policy, an attacker who runs code in the network could use credentials of another account to copy data there.
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
        // "IfExists", because not every call has a resource that belongs to an account.
        StringEqualsIfExists: {
          'aws:ResourceAccount': [...new Set([environment.account, deployment.tools.account])],
        },
      }),
    },
  });
}

/**
 * Allows reading the secrets of other accounts that the configuration names, through the endpoint of Secrets Manager.
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

/** Allows pulling the images of other accounts that the configuration names, through the endpoints of ECR. */
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

/** `ownCallsOnly` for S3, plus the few objects of other accounts that the environment needs. */
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
    // CloudFormation's own bucket has the region without hyphens in its name.
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

/** `bucket/key` of an S3 URL, virtual-hosted or path-style; undefined for any other URL. */
export function scriptObject(url: string): string | undefined {
  const { hostname, pathname } = new URL(url);
  const bucket = hostname.match(/^(?:(.+)\.)?s3[.-][a-z0-9-]+\.amazonaws\.com$/);
  if (!bucket) return undefined;
  const path = decodeURIComponent(pathname.slice(1));
  return bucket[1] ? `${bucket[1]}/${path}` : path;
}
