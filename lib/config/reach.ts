import type { CheckedEnvironment } from './environment.ts';
import { cidrsOf } from './network.ts';

type ConfiguredReach = Pick<CheckedEnvironment, 'network' | 'directory' | 'trusted'>;

const hosts = (addresses: readonly string[]) => addresses.map((address) => `${address}/32`);

/** Where the controllers of the user's domain are: ranges, and ids of prefix lists. */
export function domainControllers({
  network,
  directory,
}: Omit<ConfiguredReach, 'trusted'>): readonly string[] {
  if (directory.type === 'new') return cidrsOf(network);
  return directory.controllers ?? hosts(directory.dnsAddresses);
}

/** Who gives tickets on the way to SQL Server: the controllers of the user's domain and of those that trust it. */
export function ticketGranters(environment: ConfiguredReach): readonly string[] {
  const trusted = environment.trusted.flatMap(
    ({ controllers, dnsAddresses = [] }) => controllers ?? hosts(dnsAddresses),
  );
  return [...new Set([...domainControllers(environment), ...trusted])];
}

/** DNS servers that are asked directly. The resolver of AWS is not among them: security groups do not see it. */
export function dnsServers({ network, directory }: Omit<ConfiguredReach, 'trusted'>): readonly string[] {
  if (network.type === 'existing') return network.dns === 'amazon' ? [] : hosts(network.dns.servers);
  // Its controllers answer for the whole VPC, and ask the resolver of AWS for what they do not know.
  return directory.type === 'new' ? [network.cidr] : [];
}

/** Whom a member of the user's domain talks to: its controllers, and the servers that know its names. */
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
