import { databaseCheck, databaseScript } from '@packages/contracts';
import { ReleaseError } from '../../../aws/errors.ts';
import { namesOf } from '../../../config/index.ts';
import { findEnvironment, type ReleaseContext } from '../context.ts';

/**
 * `release database-script <environment>`: prints the T-SQL by which an administrator of a database that is there lets the
 * service in. It is made of the configuration alone: nobody is asked, and nothing is changed.
 *
 * @throws ReleaseError where a function of ours does this
 */
export function printDatabaseScript(context: ReleaseContext, environmentName: string): void {
  const { deployment, print, json } = context;
  const environment = findEnvironment(deployment, environmentName);
  const { database } = environment;
  if (database.type === 'new' || typeof database.provisioning === 'object') {
    throw new ReleaseError(
      `The database of ${environmentName} is provisioned by its stack; a script is for one that is there ` +
        '(database.type "existing") with provisioning "script" or "none".',
    );
  }
  const options = {
    database: database.name,
    login: namesOf(deployment, environment).login,
    extraRoles: database.userRoles,
  };
  const script = databaseScript(options);
  print(
    json
      ? JSON.stringify({ ...options, host: database.host, script, check: databaseCheck(options) })
      : script,
  );
}
