import * as z from 'zod/mini';
import { authoritiesHash, sqlAccessSchema } from './sql-access.ts';

/** The properties of `Custom::SqlDatabase`. CloudFormation passes numbers as text. */
export const sqlDatabasePropertiesSchema = z.extend(sqlAccessSchema, {
  /**
   * Database roles in addition to reading everything. A name that begins with "=" could be confused with `Roles`
   * (`sqlDatabasePins`).
   */
  ExtraRoles: z._default(
    z.array(z.string().check(z.regex(/^[^=]/, 'it must be the name of a database role'))),
    [],
  ),
  /** All database roles, instead of reading everything and `ExtraRoles`. CloudFormation would drop an empty list. */
  Roles: z.optional(z.array(z.string()).check(z.minLength(1))),
  /** A script of the user, instead of the sample data. */
  Script: z.optional(z.object({ url: z.url(), sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/i)) })),
  /** A hash of the scripts for the sample data. A change makes CloudFormation call the function again. */
  Scripts: z.optional(z.string()),
});

export type SqlDatabaseProperties = z.input<typeof sqlDatabasePropertiesSchema>;

/** The values that the function's variable `PINNED` fixes, as JSON: it refuses any others. */
export function sqlDatabasePins(properties: SqlDatabaseProperties) {
  const { Host, Port, Database, AdminSecretArn, Login, Owner, ExtraRoles = [], Script } = properties;
  const { TlsName = Host, Authorities, Existing = 'false', Roles } = properties;
  return {
    Host,
    Port: String(Port),
    Database,
    AdminSecretArn,
    Login,
    Owner,
    // The schema forbids extra roles that begin with "=".
    ExtraRoles: Roles ? `=${Roles.join()}` : ExtraRoles.join(),
    // The hash identifies the script, whatever its URL.
    Script: Script?.sha256 ?? '',
    TlsName,
    // An environment variable has no room for certificates.
    Authorities: Authorities ? authoritiesHash(Authorities) : '',
    Existing,
  };
}
