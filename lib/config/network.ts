import * as z from 'zod';
import { areApart, networkCidr, peer, vpcCidr } from './cidr.ts';
import { accountNumber, oneOf, section, text, wholeNumber, yesOrNo } from './fields.ts';
import { address, idOf, listOf, publicAddress } from './identifiers.ts';
import { defaultZones } from './regions.ts';

const letters = ['a', 'b', 'c', 'd', 'e', 'f'] as const;
export type ZoneLetter = (typeof letters)[number];

const ownNetwork = section({
  type: z.literal('new').default('new'),
  cidr: networkCidr.default('10.0.0.0/16'),
  zones: z
    .array(text(/^[a-f]$/, 'a zone letter of the region: "a" to "f"'), {
      error: 'a list of 2 or 3 zone letters',
    })
    .min(2, { error: 'a list of 2 or 3 zone letters', abort: true })
    .max(3, { error: 'a list of 2 or 3 zone letters', abort: true })
    .refine((zones) => new Set(zones).size === zones.length, { error: 'a list of different zone letters' })
    .optional()
    .describe('Zones of the VPC. The directory is in the first two. Default: the first two of the region.'),
  natGateways: wholeNumber(0, 3, 'NAT gateways')
    .default(0)
    .describe('0: private subnets reach AWS only through endpoints.'),
  managementHost: yesOrNo
    .default(false)
    .describe('A Windows host in the domain, reached through Session Manager.'),
});

/** The AWS services that tasks, functions and builds call, by the names of their endpoints. */
export const endpointNames = [
  'ecr.api',
  'ecr.dkr',
  'logs',
  'secretsmanager',
  'ds',
  'events',
  'codebuild',
  's3',
] as const;
export type EndpointName = (typeof endpointNames)[number];

const zoneForm = 'an object with tasks, loadBalancer, database, routeTable';
const zone = section({
  tasks: idOf('subnet').describe('Subnet of tasks, functions and builds.'),
  loadBalancer: idOf('subnet').optional().describe('Default: the subnet of the tasks.'),
  database: idOf('subnet').optional().describe('Subnet of an instance that is created here.'),
  routeTable: idOf('routeTable')
    .optional()
    .describe("Route table of the tasks' subnet, for the S3 endpoint."),
});

const groups = (what: string) =>
  listOf(idOf('securityGroup'), 1, 4, `a list of 1 to 4 ids of security groups for ${what}`).optional();

/** A VPC that others created and use: we change only what is requested here. */
const existingNetwork = section({
  type: z.literal('existing'),
  vpcId: idOf('vpc'),
  ownerAccount: accountNumber.optional().describe('The owner of the VPC, if its subnets are shared with us.'),
  cidrs: listOf(vpcCidr, 1, 20, 'a list of all 1 to 20 IPv4 ranges of the VPC').refine(areApart, {
    error: 'a list of ranges of which none lies in another one, as EC2 requires in a VPC',
  }),
  zones: z
    .partialRecord(z.enum(letters), zone, {
      error: (issue) =>
        issue.code === 'invalid_type'
          ? `an object with 2 or 3 zone letters, each of them ${zoneForm}`
          : 'an object whose keys are zone letters: "a" to "f"',
    })
    .refine((zones) => [2, 3].includes(Object.keys(zones).length), {
      error: 'an object with 2 or 3 zone letters',
    }),
  dns: z
    .union(
      [
        z.literal('amazon'),
        section({ servers: listOf(address, 1, 4, 'a list of 1 to 4 IPv4 addresses of DNS servers') }),
      ],
      { error: '"amazon", or an object with servers' },
    )
    .default('amazon')
    .describe("The DNS servers in the VPC's DHCP options."),
  endpoints: z
    .union(
      [
        oneOf('none', 'all'),
        listOf(
          oneOf(...endpointNames),
          1,
          endpointNames.length,
          `a list of some of ${endpointNames.join(', ')}`,
        ),
      ],
      { error: `"none", "all", or a list of some of ${endpointNames.join(', ')}` },
    )
    .default('none')
    .describe('Endpoints to create in the VPC; "none" if there is NAT, or others created them.'),
  awsAddresses: listOf(peer, 1, 10, 'a list of 1 to 10 IPv4 ranges or ids of prefix lists')
    .default(['0.0.0.0/0'])
    .describe('Where AWS is reached by HTTPS, except through endpoints that are created here.'),
  natAddresses: listOf(publicAddress, 1, 10, 'a list of 1 to 10 public IPv4 addresses of NAT gateways')
    .optional()
    .describe(
      "Public addresses of the tasks' subnets, from which the integration test reaches a public load balancer.",
    ),
  extraSecurityGroups: section({
    tasks: groups('the tasks'),
    functions: groups('functions and builds'),
    loadBalancer: groups('the load balancer'),
  }).prefault({}),
});

/** The network of an environment: new, or existing. */
export const network = z
  .discriminatedUnion('type', [ownNetwork, existingNetwork], {
    error: 'a network with type "new" or "existing"',
  })
  .prefault({});

type Checked = z.output<typeof network>;
export type ExistingNetwork = Extract<Checked, { type: 'existing' }>;
export type OwnNetwork = Extract<Checked, { type: 'new' }> & { readonly zones: string[] };
export type Network = OwnNetwork | ExistingNetwork;

/** Fills in the region's default zones if none are configured. */
export function withZones(checked: Checked, region: string): Network {
  return checked.type === 'existing'
    ? checked
    : { ...checked, zones: checked.zones ?? defaultZones(region) ?? [] };
}

/** The letters of the network's zones, in order. */
export function zoneLetters({ zones }: Network): string[] {
  return Array.isArray(zones) ? zones : Object.keys(zones);
}

/** The network's IPv4 ranges. */
export function cidrsOf(network: Network): readonly [string, ...string[]] {
  return network.type === 'existing' ? (network.cidrs as [string, ...string[]]) : [network.cidr];
}

/** The number of public addresses that private subnets use, as far as it is known in advance. */
export function natAddressCount(network: Network): number {
  return network.type === 'existing' ? (network.natAddresses?.length ?? 0) : network.natGateways;
}

/** The endpoints that are created in the network. */
export function endpointsOf(network: Network): readonly EndpointName[] {
  if (network.type === 'new' || network.endpoints === 'all') return endpointNames;
  return network.endpoints === 'none' ? [] : network.endpoints;
}

/** Whether interface endpoints, which have a security group, are created in the network. */
export function hasInterfaceEndpoints(network: Network): boolean {
  return endpointsOf(network).some((name) => name !== 's3');
}

/** The addresses of AWS services that have no endpoint created in the network. */
export function awsElsewhere(network: Network): readonly string[] {
  return endpointsOf(network).length === endpointNames.length || network.type === 'new'
    ? []
    : network.awsAddresses;
}

/** The letters of the zones that have subnets of a tier; see `subnetGroups`. */
export function zonesWith(network: Network, tier: 'public' | 'private' | 'isolated'): string[] {
  if (network.type === 'new' || tier !== 'isolated') return zoneLetters(network);
  const ofDatabase = subnetsOf(network).filter(([, { database }]) => database !== undefined);
  return ofDatabase.length >= 2 ? ofDatabase.map(([letter]) => letter) : zoneLetters(network);
}

/** The zones of an existing network, each with its subnets. */
export function subnetsOf({ zones }: ExistingNetwork) {
  return Object.entries(zones) as [ZoneLetter, NonNullable<(typeof zones)[ZoneLetter]>][];
}

/** The ids of a tier's subnets, in the order of their zones. */
export function subnetIdsOf(network: ExistingNetwork, tier: 'public' | 'private' | 'isolated'): string[] {
  const { zones } = network;
  return zonesWith(network, tier).flatMap((letter) => {
    const { tasks, loadBalancer = tasks, database = tasks } = zones[letter as ZoneLetter] ?? { tasks: '' };
    return { public: loadBalancer, private: tasks, isolated: database }[tier];
  });
}

/** The account that owns the VPC and so its subnets, even if they are shared with the environment's account. */
export function networkOwner({
  account,
  network,
}: {
  readonly account: string;
  readonly network: Network;
}): string {
  return network.type === 'existing' ? (network.ownerAccount ?? account) : account;
}
