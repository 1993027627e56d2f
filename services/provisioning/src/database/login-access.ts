import type { sqlAccessSchema } from '@packages/contracts';
import type * as z from 'zod/mini';
import { awsSecrets, region } from '../aws/clients.ts';
import { administratorOf } from '../secrets/administrator.ts';
import { connectSqlServer } from './connect-sql-server.ts';
import type { LoginOptions } from './provision-database.ts';
import { rdsAuthorities } from './rds-authorities.ts';

/** Converts the properties of a custom resource to its login and the connection to the login's server. */
export function loginAccess(properties: z.output<typeof sqlAccessSchema>): Omit<LoginOptions, 'roles'> {
  const { Host: host, Port: port, TlsName: tlsName = host, Authorities, AdminSecretArn } = properties;
  const { Database: database, Existing, Login: login, Owner: owner } = properties;
  return {
    connect: (credentials) =>
      connectSqlServer(
        { host, port, tlsName, authorities: Authorities ?? rdsAuthorities(region()) },
        credentials,
      ),
    existing: Existing === 'true',
    administrator: () => administratorOf(awsSecrets(), AdminSecretArn),
    ...{ database, login, owner },
  };
}
