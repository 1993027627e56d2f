import { databaseCheck, databaseScript } from '@packages/contracts';
import { ReleaseError } from '../../../aws/errors.ts';
import {
  type Deployment,
  type Environment,
  furtherServices,
  namesOf,
  rolesOfWeb,
  serviceNamesOf,
} from '../../../config/index.ts';
import { findEnvironment, type ReleaseContext } from '../context.ts';

/**
 * `release database-script <environment>`: prints the T-SQL with which the administrator of an existing database gives
 * the services access, one after the other. It is derived from the configuration alone; no AWS call is made.
 *
 * @throws ReleaseError if our own function does this
 */
export function printDatabaseScript(context: ReleaseContext, environmentName: string): void {
  const { deployment, print, json } = context;
  const environment = findEnvironment(deployment, environmentName);
  const { database } = environment;
  if (database.type === 'new' || typeof database.provisioning === 'object') {
    throw new ReleaseError(
      `The database of ${environmentName} is provisioned by its stack; a script is for an existing one ` +
        '(database.type "existing") with provisioning "script" or "none".',
    );
  }
  const options = {
    database: database.name,
    login: namesOf(deployment, environment).login,
    roles: rolesOfWeb(database),
  };
  const services = furtherOptions(deployment, environment);
  const script = [options, ...services].map(databaseScript).join('\n');
  const said = {
    ...{ ...options, host: database.host, script, check: databaseCheck(options) },
    services: services.map((service) => ({ ...service, check: databaseCheck(service) })),
  };
  print(json ? JSON.stringify(said) : script);
}

/** The script's options for each further service. */
function furtherOptions(deployment: Deployment, environment: Environment) {
  return furtherServices(deployment, environment).map((service) => ({
    service: service.name,
    database: environment.database.name,
    login: serviceNamesOf(deployment, environment, service).login,
    roles: service.roles,
  }));
}
