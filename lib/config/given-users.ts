import type { Deployment } from './deployment.ts';
import type { Environment } from './environment.ts';
import { furtherServices } from './services.ts';
import { directoryUserOf } from './user.ts';

/** The metadata key under which the template of a domain stack lists the users that it does not create. */
export const givenUsersKey = 'GivenUsers';

/** @returns the names of the users that others created for an environment's services */
export function givenUsersOf(deployment: Deployment, environment: Environment): string[] {
  const further = furtherServices(deployment, environment).map(({ user }) => user);
  return [directoryUserOf(deployment, environment), ...further]
    .filter(({ secretArn }) => secretArn !== undefined)
    .map(({ name }) => name);
}
