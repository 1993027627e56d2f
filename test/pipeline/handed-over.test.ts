import { describe, expect, test } from 'vitest';
import { givenUsersKey } from '../../lib/config/index.ts';
import { handedOver } from '../../lib/programs/changes/identities.ts';
import type { Template } from '../../lib/programs/changes/template.ts';

type User = { readonly made: string } | { readonly given: string } | undefined;
type Users = readonly User[];

const ids = ['User', 'User-worker', 'User-job'];
const names = ['svc-web', 'svc-worker'];
const choices: User[] = [undefined, ...names.flatMap((name) => [{ made: name }, { given: name }])];

const nameOf = (user: User) => (user && ('made' in user ? user.made : user.given)) || undefined;
const distinct = (users: Users) => {
  const taken = users.map(nameOf).filter((name) => name !== undefined);
  return new Set(taken).size === taken.length;
};
/** All combinations of users of three services. */
const configurations: Users[] = choices
  .flatMap((web) => choices.flatMap((worker) => choices.map((job) => [web, worker, job])))
  .filter(distinct);

/** The template of the domain stack. */
function template(users: Users, isProtected: boolean): Template {
  const resources = users.flatMap((user, index) =>
    user && 'made' in user
      ? [
          [
            ids[index],
            {
              Type: 'Custom::DirectoryUser',
              Properties: { Username: user.made },
              DeletionPolicy: isProtected ? 'RetainExceptOnCreate' : 'Delete',
            },
          ] as const,
        ]
      : [],
  );
  return {
    Metadata: { [givenUsersKey]: users.flatMap((user) => (user && 'given' in user ? user.given : [])) },
    Resources: Object.fromEntries(resources),
  };
}

/**
 * Carries out an update as CloudFormation does: first it creates and updates, then it deletes what is no longer in the
 * template, unless that is retained. A replaced user is retained.
 *
 * @returns what goes wrong on the way
 */
function carriedOut(before: Users, after: Users, isProtected: boolean): string[] {
  const madeBy = new Map(
    before.flatMap((user, index) => (user && 'made' in user ? [[user.made, index]] : [])),
  );
  const faults: string[] = [];
  after.forEach((user, index) => {
    if (!user || !('made' in user)) return;
    const holder = madeBy.get(user.made);
    if (holder !== undefined && holder !== index) faults.push(`${user.made} gets another password`);
  });
  before.forEach((user, index) => {
    const now = after[index];
    if (!user || !('made' in user) || (now && 'made' in now) || isProtected) return;
    if (after.some((other) => nameOf(other) === user.made)) faults.push(`${user.made} is deleted`);
  });
  return faults;
}

describe('The check for users and secrets that change hands', () => {
  test('refuses exactly the updates that would delete or reset a user that another service gets', () => {
    const seen = { refused: 0, carriedOut: 0 };
    for (const isProtected of [true, false]) {
      for (const before of configurations) {
        for (const after of configurations) {
          const refused = handedOver(template(before, isProtected), template(after, isProtected)).length > 0;
          const faults = carriedOut(before, after, isProtected);
          expect(refused, JSON.stringify({ before, after, isProtected, faults })).toBe(faults.length > 0);
          seen[refused ? 'refused' : 'carriedOut'] += 1;
        }
      }
    }
    expect(seen.refused).toBeGreaterThan(100);
    expect(seen.carriedOut).toBeGreaterThan(1000);
  });

  test('ignores case in user names, as a directory does', () => {
    const given = template([{ given: 'SVC-Web' }], false);
    expect(handedOver(template([{ made: 'svc-web' }], false), given)).toEqual([
      expect.stringContaining('CloudFormation would delete the user'),
    ]);
  });

  test('respects case in secrets, as AWS does', () => {
    const schedule = (id: string, SecretId: string): Template => ({
      Resources: { [id]: { Type: 'AWS::SecretsManager::RotationSchedule', Properties: { SecretId } } },
    });
    expect(handedOver(schedule('One', 'arn:Svc'), schedule('Two', 'arn:svc'))).toEqual([]);
    expect(handedOver(schedule('One', 'arn:svc'), schedule('Two', 'arn:svc'))).toHaveLength(1);
  });

  test('refuses nothing for a stack that does not exist yet', () => {
    expect(handedOver(undefined, template([{ made: 'svc-web' }], false))).toEqual([]);
  });

  test.each([
    ['Custom::SqlLogin', 'Login'],
    ['Custom::SqlDatabase', 'Login'],
    ['AWS::SecretsManager::RotationSchedule', 'SecretId'],
  ])('also applies to logins and given secrets: %s', (Type, property) => {
    const login = (id: string): Template => ({
      Resources: { [id]: { Type, Properties: { [property]: 'CORP\\svc' } } },
    });
    expect(handedOver(login('Login-worker'), login('Login-job'))).toEqual([
      expect.stringContaining('CORP\\svc belongs to another service in the deployed stacks'),
    ]);
    expect(handedOver(login('Login-worker'), login('Login-worker'))).toEqual([]);
  });
});
