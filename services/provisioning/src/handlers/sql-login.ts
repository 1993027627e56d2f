import { sqlLoginPins, sqlLoginPropertiesSchema } from '@packages/contracts';
import { customResourceHandler } from '../custom-resource/custom-resource.ts';
import { loginAccess } from '../database/login-access.ts';
import { provisionLogin, removeDatabaseLogin } from '../database/provision-database.ts';

/** Lambda handler of the custom resource "SQL login": the login of a further service. */
export const handler = customResourceHandler({
  form: sqlLoginPropertiesSchema,
  pins: (properties) => sqlLoginPins(properties),
  physicalId: ({ Host, Login }) => `${Host}/${Login}`,

  async apply(properties, { progress }) {
    await provisionLogin({ ...loginAccess(properties), roles: properties.Roles, progress });
    return { Login: properties.Login };
  },

  async remove(properties, { progress }) {
    await removeDatabaseLogin({ ...loginAccess(properties), progress });
  },
});
