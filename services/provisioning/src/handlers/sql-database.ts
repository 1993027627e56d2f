import { sqlDatabasePins, sqlDatabasePropertiesSchema } from '@packages/contracts';
import { customResourceHandler } from '../custom-resource/custom-resource.ts';
import { loginAccess } from '../database/login-access.ts';
import { provisionDatabase, readsAll, removeDatabaseLogin } from '../database/provision-database.ts';

/** Lambda handler of the custom resource "SQL database". */
export const handler = customResourceHandler({
  form: sqlDatabasePropertiesSchema,
  pins: (properties) => sqlDatabasePins(properties),
  // Without the database: the login belongs to the server, and stays when the database's name changes.
  physicalId: ({ Host, Login }) => `${Host}/${Login}`,

  async apply(properties, { progress }) {
    const { Existing, ExtraRoles, Roles, Script } = properties;
    await provisionDatabase({
      ...loginAccess(properties),
      roles: Roles ?? [readsAll, ...ExtraRoles],
      // A database that belongs to others gets no tables of ours.
      scripts: Script ? [Script] : Existing === 'true' ? [] : undefined,
      progress,
    });
    return { Database: properties.Database, Login: properties.Login };
  },

  async remove(properties, { progress }) {
    await removeDatabaseLogin({ ...loginAccess(properties), progress });
  },
});
