import type { CheckedEnvironment } from './environment.ts';
import { cidrsOf } from './network.ts';

type ConfiguredReach = Pick<CheckedEnvironment, 'network' | 'directory' | 'trusted'>;

const hosts = (addresses: readonly string[]) => addresses.map((address) => `${address}/32`);

/** The addresses of the domain controllers of the user's domain: ranges, and ids of prefix lists. */
export function domainControllers({
  network,
  directory,
}: Omit<ConfiguredReach, 'trusted'>): readonly string[] {
  if (directory.type === 'new') return cidrsOf(network);
  return directory.controllers ?? hosts(directory.dnsAddresses);
}

/**
 * The addresses that issue tickets on the way to SQL Server: domain controllers of the user's domain and of the trusted
 * ones.
 */
export function ticketGranters(environment: ConfiguredReach): readonly string[] {
  const trusted = environment.trusted.flatMap(
    ({ controllers, dnsAddresses = [] }) => controllers ?? hosts(dnsAddresses),
  );
  return [...new Set([...domainControllers(environment), ...trusted])];
}

/** DNS servers that are queried directly. The AWS resolver is left out: security groups do not apply to it. */
export function dnsServers({ network, directory }: Omit<ConfiguredReach, 'trusted'>): readonly string[] {
  if (network.type === 'existing') return network.dns === 'amazon' ? [] : hosts(network.dns.servers);
  // The directory's controllers answer for the whole VPC, and forward other queries to the AWS resolver.
  return directory.type === 'new' ? [network.cidr] : [];
}

/** The servers that a member of the user's domain talks to: domain controllers and DNS servers. */
export function domainServers({ network, directory }: Omit<ConfiguredReach, 'trusted'>): readonly string[] {
  const servers = directory.type === 'new' ? [] : hosts(directory.dnsAddresses);
  return [
    ...new Set([
      ...domainControllers({ network, directory }),
      ...dnsServers({ network, directory }),
      ...servers,
    ]),
  ];
}
