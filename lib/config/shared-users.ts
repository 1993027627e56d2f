import type * as z from 'zod';
import { defaultUser } from './domain.ts';
import type { CheckedEnvironment } from './environment.ts';
import type { Problem } from './environment-problems.ts';
import { isOneDirectory } from './one-directory.ts';
import { placeOf, rightServices, type services } from './services.ts';

interface Checked {
  readonly domain?: { readonly name: string; readonly user: string } | undefined;
  readonly services: z.output<typeof services>;
  readonly environments: readonly CheckedEnvironment[];
}

interface Account {
  readonly service: string;
  readonly name: string;
  /** Where its environment may configure another name. */
  readonly path: Problem['path'];
  /** Where its name was configured, or what it follows from. */
  readonly said: Problem['path'];
  readonly secretArn: string | undefined;
  readonly secretPath: Problem['path'];
}

/** Account names in directories are case-insensitive. */
const isOneName = (one: Account, other: Account) => one.name.toLowerCase() === other.name.toLowerCase();

/** The same secret means the same account. */
const isOneSecret = (one: Account, other: Account) =>
  one.secretArn !== undefined && one.secretArn === other.secretArn;

/**
 * Finds users that several services share in one directory. Setting or rotating one service's password would lock out
 * the other, and failed sign-ins of both count towards one lockout.
 */
export function sharedUserProblems(deployment: Checked): Problem[] {
  return deployment.environments.flatMap((environment, index) => [
    ...withinOne(deployment, environment, index),
    ...acrossEnvironments(deployment, environment, index),
    ...secretsElsewhere(deployment, environment, index),
  ]);
}

function withinOne(deployment: Checked, environment: CheckedEnvironment, index: number): Problem[] {
  const accounts = accountsOf(deployment, environment, index);
  return accounts.flatMap((account, position): Problem[] => {
    const { name, said, secretArn, secretPath } = account;
    const earlier = accounts.slice(0, position);
    const rival = earlier.find((other) => isOneSecret(other, account));
    if (rival) {
      const message = `the secret of a user of its own: the service ${rival.service} signs in with this one`;
      return [{ path: secretPath, input: secretArn, message }];
    }
    const namesake = earlier.find((other) => isOneName(other, account));
    const message = `a user of its own: the service ${namesake?.service} signs in as ${namesake?.name}`;
    return namesake ? [{ path: said, input: name, message }] : [];
  });
}

function acrossEnvironments(deployment: Checked, environment: CheckedEnvironment, index: number): Problem[] {
  const rivals = deployment.environments
    .slice(0, index)
    .filter((other) => isOneDirectory(deployment, environment, other))
    .flatMap((other) => accountsOf(deployment, other, index).map((account) => ({ ...account, other })));
  return accountsOf(deployment, environment, index).flatMap((account): Problem[] => {
    const rival = rivals.find((other) => isOneName(other, account) && !isOneSecret(other, account));
    if (!rival) return [];
    const { service, other } = rival;
    const message = `a user of its own: the service ${service} of ${other.name} signs in to the same directory as ${rival.name}`;
    return [{ path: account.path, input: account.name, message }];
  });
}

function secretsElsewhere(deployment: Checked, environment: CheckedEnvironment, index: number): Problem[] {
  const earlier = deployment.environments
    .slice(0, index)
    .flatMap((other) => accountsOf(deployment, other, index));
  return accountsOf(deployment, environment, index).flatMap((account): Problem[] => {
    if (!earlier.some((other) => isOneSecret(other, account))) return [];
    const message =
      'a user of its own: an earlier environment has this one, and failed sign-ins of one would lock out both';
    return [{ path: account.secretPath, input: account.secretArn, message }];
  });
}

/** The accounts that sign in, web's first. */
function accountsOf(deployment: Checked, environment: CheckedEnvironment, index: number): Account[] {
  const { user } = environment;
  const ofUser = ['environments', index, 'user'];
  return [
    {
      service: 'web',
      name: user?.name ?? deployment.domain?.user ?? defaultUser,
      path: [...ofUser, 'name'],
      said: [...ofUser, 'name'],
      secretArn: user?.secretArn,
      secretPath: [...ofUser, 'secretArn'],
    },
    ...rightServices(deployment, environment).map(({ name: service, user: { name, secretArn } }) => {
      const path = placeOf(environment, index, service, 'user');
      return {
        service,
        name,
        path: ['environments', index, 'services', service, 'user'],
        said: path,
        secretArn,
        secretPath: [...path, 'secretArn'],
      };
    }),
  ];
}
