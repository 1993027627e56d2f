import { isIPv4 } from 'node:net';
import { contains } from './cidr.ts';
import type { CheckedEnvironment } from './environment.ts';
import type { Problem } from './environment-problems.ts';
import { type ExistingNetwork, endpointsOf, natAddressCount, subnetsOf } from './network.ts';
import { zoneCount, zonesOf } from './regions.ts';

const problem = (path: string, input: unknown, message: string): Problem => ({
  path: path.split('.'),
  input,
  message,
});

/** Contradictions within a network, new or existing, and with what is in it. */
export function networkProblems(environment: CheckedEnvironment): Problem[] {
  const { network } = environment;
  const checks =
    network.type === 'new'
      ? [zones, natGateways, directoryElsewhere]
      : [wholeTiers, databaseZones, sameSubnet, endpoints, publicBalancer];
  return checks.flatMap((check) => check(environment) ?? []);
}

type Check = (environment: CheckedEnvironment) => Problem | Problem[] | undefined;

const zones: Check = ({ region, network }) => {
  if (network.type === 'existing') return undefined;
  const known = zonesOf(region);
  if (network.zones.length === 0) {
    const message = `given in ${region}, where each account has two of the zones ${known.join(', ')}`;
    return problem('network.zones', undefined, message);
  }
  if (network.zones.length > zoneCount(region)) {
    const message = `the two of the zones ${known.join(', ')} that the account has in ${region}`;
    return problem('network.zones', network.zones, message);
  }
  if (network.zones.every((zone) => known.includes(zone))) return undefined;
  return problem('network.zones', network.zones, `zones that ${region} has: ${known.join(', ')}`);
};

const natGateways: Check = ({ network, loadBalancer }) => {
  if (network.type === 'existing') return undefined;
  const wrong = (message: string) => problem('network.natGateways', network.natGateways, message);
  if (network.natGateways > network.zones.length) {
    return wrong(`at most the number of zones (${network.zones.length})`);
  }
  // From a private subnet, a load balancer's public addresses are reachable only through NAT.
  if (loadBalancer.scheme === 'internet-facing' && network.natGateways === 0) {
    return wrong(
      'at least 1 with an internet-facing load balancer, so that the integration test can reach it',
    );
  }
  return undefined;
};

/** Addresses within our own VPC's range are not routed anywhere else. */
const directoryElsewhere: Check = ({ network, directory, trusted }) => {
  if (network.type === 'existing') return undefined;
  const domains = [...(directory.type === 'new' ? [] : [directory]), ...trusted];
  const inside = domains
    .flatMap(({ dnsAddresses = [], kdcs = [] }) => [...dnsAddresses, ...kdcs])
    .find((address) => isIPv4(address) && contains(network.cidr, address));
  const message = `a range without the address ${inside} of a directory, which the new VPC would treat as its own`;
  return inside ? problem('network.cidr', network.cidr, message) : undefined;
};

const tiers = { loadBalancer: 'load balancer', database: 'database' } as const;

/** The number of zones with a separate subnet for the tier. */
const withTier = (network: ExistingNetwork, tier: keyof typeof tiers) =>
  subnetsOf(network).filter(([, subnets]) => subnets[tier] !== undefined).length;

/** A load balancer sends no requests to tasks in zones where it has no subnet. */
const wholeTiers: Check = ({ network }) => {
  if (network.type === 'new') return undefined;
  const given = withTier(network, 'loadBalancer');
  if (given === 0 || given === subnetsOf(network).length) return undefined;
  const message = 'an object with a subnet for the load balancer in each zone, or in none';
  return problem('network.zones', network.zones, message);
};

const databaseZones: Check = ({ network, database }) => {
  if (network.type === 'new' || database.type !== 'new' || withTier(network, 'database') >= 2)
    return undefined;
  const message = 'an object with subnets for the database in at least two zones, as RDS requires';
  return problem('network.zones', network.zones, message);
};

const sameSubnet: Check = ({ network }) => {
  if (network.type === 'new') return undefined;
  const seen = new Map<string, string>();
  for (const [letter, { routeTable, ...subnets }] of subnetsOf(network)) {
    for (const id of Object.values(subnets).filter((given) => given !== undefined)) {
      const other = seen.get(id);
      if (other && other !== letter) {
        return problem('network.zones', id, `the subnet of one zone: both ${other} and ${letter} have it`);
      }
      seen.set(id, letter);
    }
  }
  return undefined;
};

const endpoints: Check = ({ account, network }) => {
  if (network.type === 'new' || endpointsOf(network).length === 0) return undefined;
  const wrong = (message: string) => problem('network.endpoints', network.endpoints, message);
  if (isSharedWith(account, network)) {
    return wrong(
      `"none" in a VPC of the account ${network.ownerAccount}, which alone can make endpoints in it`,
    );
  }
  const withoutTable = subnetsOf(network).find(([, { routeTable }]) => routeTable === undefined);
  if (!endpointsOf(network).includes('s3') || !withoutTable) return undefined;
  return wrong(`without "s3" unless each zone has a routeTable: zone ${withoutTable[0]} has none`);
};

const publicBalancer: Check = ({ network, loadBalancer, service }) => {
  if (network.type === 'new' || loadBalancer.scheme === 'internal') return undefined;
  if (withTier(network, 'loadBalancer') === 0) {
    const message = 'an object with a public subnet for the internet-facing load balancer in each zone';
    return problem('network.zones', network.zones, message);
  }
  const everybody = loadBalancer.allowedClients.includes('0.0.0.0/0') && service.deployment === 'rolling';
  if (everybody || natAddressCount(network) > 0) return undefined;
  const message =
    'given: the integration test reaches an internet-facing load balancer from the addresses of NAT, ' +
    'which must be let in';
  return problem('network.natAddresses', undefined, message);
};

/** Whether, according to the configuration, the VPC belongs to another account. */
export function isSharedWith(account: string, { ownerAccount }: ExistingNetwork): boolean {
  return ownerAccount !== undefined && ownerAccount !== account;
}
