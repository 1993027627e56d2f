import { sqlLoginPins, sqlLoginPropertiesSchema } from '@packages/contracts';
import type * as z from 'zod/mini';
import { awsSecrets, region } from '../aws/clients.ts';
import { customResourceHandler } from '../custom-resource/custom-resource.ts';
import { connectSqlServer } from '../database/connect-sql-server.ts';
import { type LoginOptions, provisionLogin, removeDatabaseLogin } from '../database/provision-database.ts';
import { rdsAuthorities } from '../database/rds-authorities.ts';
import { administratorOf } from '../secrets/administrator.ts';

type Properties = z.output<typeof sqlLoginPropertiesSchema>;

function access(properties: Properties): Omit<LoginOptions, 'roles'> {
  const {
    Host,
    Port,
    TlsName = Host,
    Authorities,
    Database,
    Existing,
    AdminSecretArn,
    Login,
    Owner,
  } = properties;
  return {
    connect: (credentials) =>
      connectSqlServer(
        { host: Host, port: Port, tlsName: TlsName, authorities: Authorities ?? rdsAuthorities(region()) },
        credentials,
      ),
    existing: Existing === 'true',
    administrator: () => administratorOf(awsSecrets(), AdminSecretArn),
    database: Database,
    login: Login,
    owner: Owner,
  };
}

/** Lambda handler of the custom resource "SQL login": that of a further service. */
export const handler = customResourceHandler({
  form: sqlLoginPropertiesSchema,
  pins: (properties) => sqlLoginPins(properties),
  physicalId: ({ Host, Login }) => `${Host}/${Login}`,

  async apply(properties, { progress }) {
    await provisionLogin({ ...access(properties), roles: properties.Roles, progress });
    return { Login: properties.Login };
  },

  async remove(properties, { progress }) {
    await removeDatabaseLogin({ ...access(properties), progress });
  },
});
