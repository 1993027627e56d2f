import { imageRegions } from '../../config/image-regions.ts';
import { type Deployment, namesOf } from '../../config/index.ts';

/** An account and region that the CDK must be bootstrapped in, once. */
export interface BootstrapPlace {
  readonly account: string;
  readonly region: string;
  /** What it is for, such as `tools` or `staging`. */
  readonly purposes: readonly string[];
  /** The account whose pipeline deploys here; undefined where that is this very account. */
  readonly trusts: string | undefined;
  /** The policy for deployments is one for an account, whatever the region: the first place of the account has it. */
  readonly holdsPolicy: boolean;
}

/**
 * Every place that the pipeline deploys to: the tools account in its own region, where the pipeline is, and in each
 * region of an environment, where artifacts and images are copied to; then the environments.
 */
export function bootstrapPlaces(deployment: Deployment): BootstrapPlace[] {
  const { tools, environments } = deployment;
  const wanted = [
    ...imageRegions(deployment).map((region) => ({ account: tools.account, region, purpose: 'tools' })),
    ...environments.map(({ account, region, name }) => ({ account, region, purpose: name })),
  ];
  return [...Map.groupBy(wanted, ({ account, region }) => `${account}/${region}`).values()].map((same) => {
    const { account = '', region = '' } = same[0] ?? {};
    const first = wanted.find((place) => place.account === account);
    return {
      account,
      region,
      purposes: [...new Set(same.map(({ purpose }) => purpose))],
      trusts: account === tools.account ? undefined : tools.account,
      holdsPolicy: first?.region === region,
    };
  });
}

/** The prefixes of the names of the stacks that are deployed in an account and make roles. */
export function stackPrefixes(deployment: Deployment, account: string): string[] {
  const { name, tools, environments } = deployment;
  return [
    ...(account === tools.account ? [`${name}-pipeline`] : []),
    ...environments
      .filter((environment) => environment.account === account)
      .map((environment) => namesOf(deployment, environment).prefix),
  ];
}

/**
 * CloudFormation cuts a stack's name in the name that it gives to a role, to half of what 64 characters leave beside
 * its random ones.
 */
const shortestStackName = 24;

/** Patterns that the names of all roles of our stacks in an account match, and as few others as there can be. */
export function roleNamePatterns(deployment: Deployment, account: string): string[] {
  return stackPrefixes(deployment, account).map((prefix) => `${`${prefix}-`.slice(0, shortestStackName)}*`);
}
