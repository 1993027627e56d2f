import { sqlDatabasePins, sqlDatabasePropertiesSchema } from '@packages/contracts';
import type * as z from 'zod/mini';
import { awsSecrets, region } from '../aws/clients.ts';
import { customResourceHandler } from '../custom-resource/custom-resource.ts';
import { connectSqlServer } from '../database/connect-sql-server.ts';
import {
  type DatabaseOptions,
  provisionDatabase,
  readsAll,
  removeDatabaseLogin,
} from '../database/provision-database.ts';
import { rdsAuthorities } from '../database/rds-authorities.ts';
import { administratorOf } from '../secrets/administrator.ts';

type Properties = z.output<typeof sqlDatabasePropertiesSchema>;
type Access = Pick<DatabaseOptions, 'connect' | 'administrator' | 'database' | 'existing' | 'login'>;

function access(properties: Properties): Access {
  const { Host, Port, TlsName = Host, Authorities, Database, Existing, AdminSecretArn, Login } = properties;
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
  };
}

/** Lambda handler of the custom resource "SQL database". */
export const handler = customResourceHandler({
  form: sqlDatabasePropertiesSchema,
  pins: (properties) => sqlDatabasePins(properties),
  // Not by the database: its login is the server's, and goes on when the name of the database changes.
  physicalId: ({ Host, Login }) => `${Host}/${Login}`,

  async apply(properties, { progress }) {
    const { Existing, ExtraRoles, Roles, Owner, Script } = properties;
    await provisionDatabase({
      ...access(properties),
      roles: Roles ?? [readsAll, ...ExtraRoles],
      // A database of others gets no tables of ours.
      scripts: Script ? [Script] : Existing === 'true' ? [] : undefined,
      owner: Owner,
      progress,
    });
    return { Database: properties.Database, Login: properties.Login };
  },

  async remove(properties, { progress }) {
    await removeDatabaseLogin({ ...access(properties), owner: properties.Owner, progress });
  },
});
