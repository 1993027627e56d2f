/**
 * The three tiers of subnets: the load balancer stands in `public` or `private`, tasks and functions in `private`,
 * directory and database in `isolated`.
 */
export const subnetGroups = { public: 'public', private: 'private', isolated: 'isolated' } as const;
