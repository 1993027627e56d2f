import * as z from 'zod';
import { peer } from './cidr.ts';
import { domainName } from './domain.ts';
import { oneOf, section, text, wholeNumber } from './fields.ts';
import { fullName } from './host-name.ts';
import { address, idOf, listOf } from './identifiers.ts';
import { completeSecretArn } from './user.ts';

const dnsAddresses = (minimum: number) =>
  listOf(
    address,
    minimum,
    6,
    `a list of ${minimum} to 6 IPv4 addresses of DNS servers that know the domain, such as its domain controllers`,
  );

const controllers = listOf(peer, 1, 20, 'a list of 1 to 20 IPv4 ranges or ids of prefix lists')
  .optional()
  .describe('Addresses of the domain controllers. Default: dnsAddresses.');

const kdcs = listOf(
  z.union([fullName('a host name'), address], {
    error: 'the full host name, or the IPv4 address, of a domain controller',
  }),
  1,
  10,
  'a list of 1 to 10 domain controllers, each by host name or IPv4 address',
)
  .optional()
  .describe('Domain controllers to sign in at, in this order. Default: those found through DNS.');

/** What forwards queries for the domain's names to its DNS servers, in a VPC that uses the AWS resolver. */
const resolver = z
  .union([oneOf('none', 'create'), section({ ruleId: idOf('resolverRule') })], {
    error: '"none", "create", or an object with ruleId',
  })
  .default('none')
  .describe('create: creates an outbound endpoint and a rule; ruleId: the id of an existing or shared rule.');

const rotationDays = wholeNumber(1, 35, 'days')
  .default(30)
  .describe("The maximum is a week below the directory policy's 42 days, in case a rotation fails at first.");

const ownDirectory = section({
  type: z.literal('new').default('new'),
  edition: oneOf('Standard', 'Enterprise').default('Standard'),
  rotationDays,
  resolver: oneOf('none', 'create')
    .default('none')
    .describe('create: for an existing network; in a new one, the directory itself answers.'),
});

/** AWS Managed Microsoft AD in this account: we create our user in it. */
const managed = section({
  type: z.literal('managed'),
  directoryId: idOf('directory'),
  dnsAddresses: dnsAddresses(2),
  controllers,
  kdcs,
  rotationDays,
  resolver,
});

/** AWS Managed Microsoft AD in another account, shared with this one: instances join it, and users are given. */
const shared = section({
  type: z.literal('shared'),
  directoryId: idOf('directory').describe('The id in this account.'),
  dnsAddresses: dnsAddresses(2),
  controllers,
  kdcs,
  resolver,
});

/** An organizational unit by its distinguished name, for which RDS allows 64 characters. */
const organizationalUnit = text(
  /^(?=.{1,64}$)OU=[^,=]+(,OU=[^,=]+)*(,DC=[^,=]+){2,}$/i,
  'the distinguished name of an organizational unit of at most 64 characters, such as "OU=SQL,DC=corp,DC=example,DC=com"',
);

/** How an instance that we create joins a domain that AWS does not manage. */
const join = section({
  ou: organizationalUnit,
  secretArn: completeSecretArn.describe(
    'Secret of the account that joins instances, in the form that RDS requires, encrypted with your own key.',
  ),
});

/** Active Directory on your own hosts, or any other that AWS does not manage. */
const selfManaged = section({
  type: z.literal('self-managed'),
  dnsAddresses: dnsAddresses(1),
  controllers,
  kdcs,
  join: join.optional(),
  resolver,
});

/** The directory that contains the user, and that our instance joins if we create one. */
export const directory = z
  .discriminatedUnion('type', [ownDirectory, managed, shared, selfManaged], {
    error: 'a directory with type "new", "managed", "shared" or "self-managed"',
  })
  .prefault({});

/**
 * Another domain, which trusts the directory's domain or lies on the trust path to one that does. It contains a SQL
 * Server.
 */
export const trusted = listOf(
  section({
    name: domainName,
    dnsAddresses: dnsAddresses(1).optional(),
    controllers,
    kdcs,
    resolver,
  }),
  0,
  5,
  'a list of at most 5 domains',
).default([]);

export type Directory = z.output<typeof directory>;
export type ExistingDirectory = Exclude<Directory, { type: 'new' }>;
export type Resolver = ExistingDirectory['resolver'];

/** The number of the directory's DNS servers; AWS gives one that we create two. */
export function dnsAddressCount(directory: Directory): number {
  return directory.type === 'new' ? 2 : directory.dnsAddresses.length;
}
