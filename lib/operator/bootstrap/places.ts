import { imageRegions } from '../../config/image-regions.ts';
import { type Deployment, namesOf } from '../../config/index.ts';

/** An account and region that must be bootstrapped with the CDK, once. */
export interface BootstrapPlace {
  readonly account: string;
  readonly region: string;
  /** What the place is used for, such as `tools` or `staging`. */
  readonly purposes: readonly string[];
  /** The account whose pipeline deploys here; undefined if it is this account. */
  readonly trusts: string | undefined;
  /**
   * Whether the account's policy for deployments, which applies to all its regions, is in this place: the account's
   * first.
   */
  readonly holdsPolicy: boolean;
}

/**
 * All places that the pipeline deploys to. First the tools account: in its own region, which has the pipeline, and in
 * each environment's region, which gets copies of artifacts and images. Then the environments.
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

/** Prefixes of the names of the stacks that are deployed in an account and create roles. */
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
 * CloudFormation truncates the stack's name in the names that it generates for roles: to half of the 64 characters,
 * minus the random ones.
 */
const shortestStackName = 24;

/** Patterns that match the names of all roles of our stacks in an account, and as few others as possible. */
export function roleNamePatterns(deployment: Deployment, account: string): string[] {
  return stackPrefixes(deployment, account).map((prefix) => `${`${prefix}-`.slice(0, shortestStackName)}*`);
}
