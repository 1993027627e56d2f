import { givenUsersKey } from '../../config/given-users.ts';
import type { Template } from './template.ts';

/** An identity of a service: a directory user, a SQL Server login, or the secret of a user that rotates its password. */
interface Identity {
  readonly logicalId: string;
  readonly name: string;
  /** The name for comparisons. The directory and SQL Server ignore case. */
  readonly key: string;
  /** Whether CloudFormation retains it when its resource is removed from the template. */
  readonly stays: boolean;
}

/** For each resource type, the property with the identity's name. */
const identityOf: Readonly<Record<string, string>> = {
  'AWS::SecretsManager::RotationSchedule': 'SecretId',
  'Custom::DirectoryUser': 'Username',
  'Custom::SqlDatabase': 'Login',
  'Custom::SqlLogin': 'Login',
};

/**
 * Finds users and logins that one delivery would move from one service to another, or to other owners. CloudFormation
 * creates new resources before it deletes old ones, so it would delete what the new owner was just given.
 *
 * @returns an error for each; none for a stack that does not exist yet
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
        `${name} belongs to another service in the deployed stacks, and cannot move to a new one within one delivery: ` +
        'the new service would take it while the old one still signs in as it. Remove it from that service in one ' +
        'delivery, and give it to this one in the next.',
    ),
    ...lost.map(
      ({ name }) =>
        `${name} was created by a delivery, and the configuration now gives its secret: CloudFormation would delete the ` +
        'user, which the services sign in as. Deliver "deletionProtection": true first, which keeps the user, and give ' +
        'its secret in the next delivery.',
    ),
  ];
}

function identitiesIn({ Resources = {} }: Template): Identity[] {
  return Object.entries(Resources).flatMap(([logicalId, { Type, Properties, DeletionPolicy = '' }]) => {
    const property = identityOf[Type];
    const name = property === undefined ? undefined : Properties?.[property];
    // Skips references, which are to resources of the same template.
    if (typeof name !== 'string') return [];
    const key = Type.startsWith('Custom::') ? name.toLowerCase() : name;
    return { logicalId, name, key, stays: DeletionPolicy.startsWith('Retain') };
  });
}

function givenIn({ Metadata = {} }: Template): ReadonlySet<string> {
  const names = Metadata[givenUsersKey];
  return new Set(Array.isArray(names) ? names.map((name) => String(name).toLowerCase()) : []);
}
