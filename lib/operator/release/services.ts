import { ReleaseError } from '../../aws/errors.ts';
import {
  type Deployment,
  type Environment,
  type FurtherService,
  furtherServices,
} from '../../config/index.ts';

/** The service that every environment has. */
export const web = 'web';

/**
 * Finds a service of an environment by name; returns undefined for web.
 *
 * @throws ReleaseError that lists the services, if there is none of that name
 */
export function findService(
  deployment: Deployment,
  environment: Environment,
  name: string,
): FurtherService | undefined {
  if (name === web) return undefined;
  const others = furtherServices(deployment, environment);
  const found = others.find((service) => service.name === name);
  if (found) return found;
  const known = [web, ...others.map((service) => service.name)].join(', ');
  throw new ReleaseError(`There is no service ${name}: the configuration has ${known}.`);
}
