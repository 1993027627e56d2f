import type { Environment } from '../../config/index.ts';

/**
 * The three tiers of subnets: the load balancer stands in `public` or `private`, tasks and functions in `private`,
 * directory and database in `isolated`. In a network that is there, they are the subnets that the
 * configuration names for the load balancer, the tasks and the database.
 */
export const subnetGroups = { public: 'public', private: 'private', isolated: 'isolated' } as const;

export type SubnetGroup = keyof typeof subnetGroups;

/** Where the load balancer stands. */
export function loadBalancerGroup({ network, loadBalancer }: Environment): SubnetGroup {
  return network.type === 'existing' || loadBalancer.scheme === 'internet-facing' ? 'public' : 'private';
}
