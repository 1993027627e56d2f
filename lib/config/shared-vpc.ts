import type { Environment } from './environment.ts';
import type { Problem } from './environment-problems.ts';
import { type ExistingNetwork, endpointsOf, subnetsOf } from './network.ts';

type InNetworkThere = Environment & { readonly network: ExistingNetwork };

/**
 * Finds what an environment would create a second time in a VPC that it shares with an earlier one, which EC2 and Route
 * 53 reject.
 */
export function sharedVpcProblems(environment: Environment, earlier: readonly Environment[]): Problem[] {
  if (!isInNetworkThere(environment)) return [];
  return earlier
    .filter(isInNetworkThere)
    .filter((other) => vpcOf(other) === vpcOf(environment))
    .flatMap((other) => [...sameEndpoints(environment, other), ...sameRules(environment, other)]);
}

function isInNetworkThere(environment: Environment): environment is InNetworkThere {
  return environment.network.type === 'existing';
}

/** A VPC's id is the same in all accounts; a parameter belongs to one account and region. */
function vpcOf({ account, region, network: { vpcId } }: InNetworkThere): string {
  return vpcId.startsWith('ssm:') ? `${account} ${region} ${vpcId}` : vpcId;
}

/** A VPC has at most one endpoint that answers for a service's name, and a route table at most one S3 endpoint. */
function sameEndpoints({ network }: InNetworkThere, other: InNetworkThere): Problem[] {
  const tables = (one: ExistingNetwork) => subnetsOf(one).map(([, { routeTable }]) => routeTable);
  const taken = endpointsOf(other.network).filter(
    (name) => name !== 's3' || tables(network).some((table) => tables(other.network).includes(table)),
  );
  const twice = endpointsOf(network).filter((name) => taken.includes(name));
  if (twice.length === 0) return [];
  const message = `without ${twice.join(', ')}: ${other.name}, which is in the same VPC, creates them there`;
  return [{ path: ['network', 'endpoints'], input: network.endpoints, message }];
}

/** A VPC can have only one resolver rule for a domain. */
function sameRules(environment: InNetworkThere, other: InNetworkThere): Problem[] {
  const taken = rulesOf(other).map(({ domain }) => domain);
  return rulesOf(environment)
    .filter(({ domain }) => taken.includes(domain))
    .map(({ domain, path, resolver }) => ({
      path,
      input: resolver,
      message: `"none": ${other.name}, which is in the same VPC, has the rule for names of ${domain} there`,
    }));
}

function rulesOf({ domain, directory, trusted }: Environment) {
  return [
    { domain: domain.name, path: ['directory', 'resolver'], resolver: directory.resolver },
    ...trusted.map(({ name, resolver }, index) => ({
      domain: name,
      path: ['trusted', index, 'resolver'],
      resolver,
    })),
  ].filter(({ resolver }) => resolver !== 'none');
}
