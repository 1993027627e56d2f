import * as z from 'zod/mini';
import { authoritiesHash, sqlAccessSchema } from './sql-access.ts';

/** The properties of `Custom::SqlDatabase`. CloudFormation hands numbers over as text. */
export const sqlDatabasePropertiesSchema = z.extend(sqlAccessSchema, {
  /** Database roles besides reading all. A name that begins with "=" would pass for all roles (`sqlDatabasePins`). */
  ExtraRoles: z._default(
    z.array(z.string().check(z.regex(/^[^=]/, 'it must be the name of a database role'))),
    [],
  ),
  /** All database roles, in place of reading all and `ExtraRoles`. CloudFormation would leave an empty list out. */
  Roles: z.optional(z.array(z.string()).check(z.minLength(1))),
  /** A script of the user's, in place of the sample data. */
  Script: z.optional(z.object({ url: z.url(), sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/i)) })),
  /** A hash of the sample data's scripts: another value makes CloudFormation call the function again. */
  Scripts: z.optional(z.string()),
});

export type SqlDatabaseProperties = z.input<typeof sqlDatabasePropertiesSchema>;

/** What the function's variable `PINNED` fixes, as JSON: it serves nothing else. */
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
    // The form lets no role besides begin with a "=".
    ExtraRoles: Roles ? `=${Roles.join()}` : ExtraRoles.join(),
    // Wherever it comes from, it is the script of this hash.
    Script: Script?.sha256 ?? '',
    TlsName,
    // A variable has no room for certificates.
    Authorities: Authorities ? authoritiesHash(Authorities) : '',
    Existing,
  };
}
