import { givenUsersKey } from '../../config/given-users.ts';
import type { Template } from './template.ts';

/** One that a service signs in as: a user of the directory, a login of the server, a secret that it changes itself. */
interface Identity {
  readonly logicalId: string;
  readonly name: string;
  /** The name as what it is compared by: directory and server do not tell names apart by their letters' case. */
  readonly key: string;
  /** Whether CloudFormation leaves it where it is when its resource leaves the template. */
  readonly stays: boolean;
}

/** The property of each type that names whom a service signs in as. */
const identityOf: Readonly<Record<string, string>> = {
  'AWS::SecretsManager::RotationSchedule': 'SecretId',
  'Custom::DirectoryUser': 'Username',
  'Custom::SqlDatabase': 'Login',
  'Custom::SqlLogin': 'Login',
};

/**
 * Users and logins that one delivery would take from a service and give to another one, or to others. CloudFormation makes
 * what is new before it deletes what has gone: the new owner would lose what it was just given.
 *
 * @returns one sentence for each; none for a stack that is not there yet
 */
export function handedOver(deployed: Template | undefined, synthesized: Template): string[] {
  if (!deployed) return [];
  const [before, after] = [identitiesIn(deployed), identitiesIn(synthesized)];
  const moved = after.filter(({ logicalId, key }) =>
    before.some((other) => other.key === key && other.logicalId !== logicalId),
  );
  const left = new Set(after.map(({ logicalId }) => logicalId));
  const given = givenIn(synthesized);
  const lost = before.filter(({ logicalId, key, stays }) => !left.has(logicalId) && !stays && given.has(key));
  return [
    ...moved.map(
      ({ name }) =>
        `${name} belongs to another service in what is deployed, and cannot change hands within one delivery: the ` +
        'new service would take it while the old one still signs in as it. Take it from that service in one delivery, ' +
        'and give it to this one in the next.',
    ),
    ...lost.map(
      ({ name }) =>
        `${name} was made by a delivery, and its secret is given from now on: CloudFormation would delete the user, ` +
        'which the services sign in as. Deliver "deletionProtection": true first, which keeps the user, and give it in ' +
        'the delivery after that.',
    ),
  ];
}

function identitiesIn({ Resources = {} }: Template): Identity[] {
  return Object.entries(Resources).flatMap(([logicalId, { Type, Properties, DeletionPolicy = '' }]) => {
    const property = identityOf[Type];
    const name = property === undefined ? undefined : Properties?.[property];
    // A reference is to what the template makes itself.
    if (typeof name !== 'string') return [];
    const key = Type.startsWith('Custom::') ? name.toLowerCase() : name;
    return { logicalId, name, key, stays: DeletionPolicy.startsWith('Retain') };
  });
}

function givenIn({ Metadata = {} }: Template): ReadonlySet<string> {
  const names = Metadata[givenUsersKey];
  return new Set(Array.isArray(names) ? names.map((name) => String(name).toLowerCase()) : []);
}
