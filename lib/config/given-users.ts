import type { Deployment } from './deployment.ts';
import type { Environment } from './environment.ts';
import { furtherServices } from './services.ts';
import { directoryUserOf } from './user.ts';

/** Where the template of a domain stack names the users that it does not make: in its own metadata. */
export const givenUsersKey = 'GivenUsers';

/** @returns the names of the users that others have made for the services of an environment */
export function givenUsersOf(deployment: Deployment, environment: Environment): string[] {
  const further = furtherServices(deployment, environment).map(({ user }) => user);
  return [directoryUserOf(deployment, environment), ...further]
    .filter(({ secretArn }) => secretArn !== undefined)
    .map(({ name }) => name);
}
