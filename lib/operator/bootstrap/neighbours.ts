import type { CloudFormationClient, Stack } from '@aws-sdk/client-cloudformation';
import { DescribeRegistryCommand, type ECRClient, type ReplicationRule } from '@aws-sdk/client-ecr';
import { executionPolicyName } from '../../config/iam-names.ts';
import { imageRegions } from '../../config/image-regions.ts';
import type { Deployment } from '../../config/index.ts';
import { describeStack } from './account.ts';
import type { WantedBootstrap } from './cdk-bootstrap.ts';
import type { BootstrapPlace } from './places.ts';

/** The clients for checking a place. */
export interface PlaceClients {
  readonly stacks: CloudFormationClient;
  readonly registry: ECRClient;
}

/**
 * Finds what a bootstrap would take from other applications, or would fail on, before anything is changed. Returns a
 * sentence for each finding.
 *
 * @param wanted with `takeOver`, a bootstrap of our name may have any parameters
 * @throws errors of AWS are passed on
 */
export async function neighbourProblems(
  { stacks, registry }: PlaceClients,
  deployment: Deployment,
  place: BootstrapPlace,
  wanted: WantedBootstrap & { readonly takeOver: boolean },
): Promise<string[]> {
  const toolkit = await describeStack(stacks, wanted.stackName);
  return [
    ...(toolkit ? unfinished(toolkit, place) : []),
    ...(toolkit && !wanted.takeOver ? foreignToolkit(toolkit, place, wanted) : []),
    ...(await replicationFindings({ stacks, registry }, deployment, place)).map(
      ({ message, remedy }) => `${message} ${remedy}`,
    ),
  ];
}

/**
 * CloudFormation cannot update a stack whose creation failed, and termination protection keeps the CDK from deleting
 * it.
 */
function unfinished({ StackName, StackStatus }: Stack, { purposes }: BootstrapPlace): string[] {
  return /^(CREATE_FAILED|ROLLBACK_)/.test(StackStatus ?? '')
    ? [
        `The stack ${StackName} is ${StackStatus}: its first creation failed. Delete it with "npm run release -- recover ${purposes[0]}", then run this again.`,
      ]
    : [];
}

/** The CDK replaces a stack's parameters with those given, so other applications would lose theirs. */
function foreignToolkit(
  toolkit: Stack,
  { trusts }: BootstrapPlace,
  { stackName, qualifier, executionPolicy }: WantedBootstrap,
): string[] {
  const list = (key: string) =>
    (toolkit.Parameters?.find(({ ParameterKey }) => ParameterKey === key)?.ParameterValue ?? '')
      .split(',')
      .filter(Boolean);
  const trusted = list('TrustedAccounts').filter((account) => account !== trusts);
  const policies = list('CloudFormationExecutionPolicies').filter((policy) => policy !== executionPolicy);
  const [found = ''] = list('Qualifier');
  const others = [
    ...(found !== qualifier ? [`has the qualifier ${found || 'of another kind'}`] : []),
    ...(trusted.length > 0 ? [`trusts ${trusted.join(', ')}`] : []),
    // Without an execution policy, a bootstrap that trusts no other account deploys with AdministratorAccess.
    ...(policies.length > 0 || list('CloudFormationExecutionPolicies').length === 0
      ? [`deploys with ${policies.join(', ') || 'AdministratorAccess'}`]
      : []),
  ];
  if (others.length === 0) return [];
  return [
    `The stack ${stackName} exists and ${others.join(', ')}: other applications may depend on it, and would lose that. Name another bootstrap in deployment.tools.bootstrapQualifier or leave that key out; if no other application uses the stack, delete it first, or add --take-over.`,
  ];
}

/**
 * A registry has only one replication configuration. Checks that it is free for ours, or that the existing one has our
 * rule.
 *
 * @throws errors of AWS are passed on
 */
export async function replicationFindings(
  { stacks, registry }: PlaceClients,
  deployment: Deployment,
  { account, region }: Pick<BootstrapPlace, 'account' | 'region'>,
): Promise<{ readonly message: string; readonly remedy: string }[]> {
  const [home, ...others] = imageRegions(deployment);
  if (account !== deployment.tools.account || region !== home || others.length === 0) return [];
  const { replicationConfiguration } = await registry.send(new DescribeRegistryCommand({}));
  const rules = replicationConfiguration?.rules ?? [];
  const missing = others.filter((other) => !rules.some((rule) => copies(rule, deployment, other)));
  const what = `repositories whose names begin with ${deployment.name}/`;
  if (deployment.images.replication === 'existing') {
    return missing.length === 0
      ? []
      : [
          {
            message: `The registry's replication configuration does not copy ${what} to ${missing.join(' and ')}, and deployment.images.replication is "existing".`,
            remedy: 'Add such a rule to it (aws ecr put-replication-configuration).',
          },
        ];
  }
  if (rules.length === 0 || (await describeStack(stacks, `${deployment.name}-images`))) return [];
  return [
    {
      message: `The registry of ${account} in ${region} already has a replication configuration, and a registry can have only one: CloudFormation would refuse ours.`,
      remedy: `Add a rule to it that copies ${what} to ${others.join(' and ')}, and set deployment.images.replication to "existing".`,
    },
  ];
}

function copies(rule: ReplicationRule, { name, tools }: Deployment, region: string): boolean {
  const there = rule.destinations?.some(
    (destination) => destination.region === region && destination.registryId === tools.account,
  );
  const filters = rule.repositoryFilters ?? [];
  return (
    there === true &&
    (filters.length === 0 || filters.some(({ filter = '' }) => `${name}/`.startsWith(filter)))
  );
}

/**
 * The place that holds an account's policies: where their stack already is, regardless of the order of environments,
 * else the first.
 *
 * @param stacksIn returns a CloudFormation client for a place
 */
export async function policyPlace(
  places: readonly BootstrapPlace[],
  deployment: Deployment,
  stacksIn: (place: BootstrapPlace) => CloudFormationClient,
): Promise<BootstrapPlace | undefined> {
  for (const place of places) {
    if (await describeStack(stacksIn(place), executionPolicyName(deployment))) return place;
  }
  return places.find(({ holdsPolicy }) => holdsPolicy);
}
