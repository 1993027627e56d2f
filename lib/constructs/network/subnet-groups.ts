import type { Environment } from '../../config/index.ts';

/**
 * The three tiers of subnets: the load balancer is in `public` or `private`, tasks and functions are in `private`, the
 * directory and the database in `isolated`. In an existing network, these are the subnets that the configuration names for
 * the load balancer, the tasks and the database.
 */
export const subnetGroups = { public: 'public', private: 'private', isolated: 'isolated' } as const;

export type SubnetGroup = keyof typeof subnetGroups;

/** The subnet group of the load balancer. */
export function loadBalancerGroup({ network, loadBalancer }: Environment): SubnetGroup {
  return network.type === 'existing' || loadBalancer.scheme === 'internet-facing' ? 'public' : 'private';
}
