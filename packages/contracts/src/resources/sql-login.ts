import * as z from 'zod/mini';
import { authoritiesHash } from './sql-database.ts';

/** The properties of `Custom::SqlLogin`: the login of a further service. CloudFormation hands numbers over as text. */
export const sqlLoginPropertiesSchema = z.object({
  Host: z.string().check(z.minLength(1)),
  Port: z.coerce.number<number | string>().check(z.int(), z.gte(1), z.lte(65_535)),
  Database: z.string().check(z.minLength(1), z.maxLength(128)),
  /** The name that the certificate bears, where that is not the host's. */
  TlsName: z.optional(z.string().check(z.minLength(1))),
  /** Certificates in PEM format of those who may vouch for it; absent: those of RDS in the function's region. */
  Authorities: z.optional(z.array(z.string().check(z.minLength(1)))),
  /** Whether the database is others'. */
  Existing: z._default(z.enum(['true', 'false']), 'false'),
  AdminSecretArn: z.string().check(z.minLength(1)),
  Login: z.string().check(z.regex(/^[^\\]+\\[^\\]+$/, 'it must be of the form DOMAIN\\user')),
  /** The mark of the environment on what it makes; it outlives a stack. */
  Owner: z.string().check(z.minLength(1), z.maxLength(100)),
  /** All database roles of the login. CloudFormation leaves an empty list out. */
  Roles: z._default(z.array(z.string()), []),
});

export type SqlLoginProperties = z.input<typeof sqlLoginPropertiesSchema>;

/** What the function's variable `PINNED` fixes, as JSON: it serves nothing else. */
export function sqlLoginPins(properties: SqlLoginProperties) {
  const { Host, Port, Database, AdminSecretArn, Login, Owner, Roles = [] } = properties;
  const { TlsName = Host, Authorities, Existing = 'false' } = properties;
  // A key that is left out is not compared: what is said of a server of others is part of its name.
  const ofOthers = [
    ...(TlsName === Host ? [] : [`as ${TlsName}`]),
    ...(Authorities ? [`by ${authoritiesHash(Authorities)}`] : []),
    ...(Existing === 'true' ? ['existing'] : []),
  ];
  return {
    Host: [Host, ...ofOthers].join(' '),
    Port: String(Port),
    ...{ Database, AdminSecretArn, Login, Owner, Roles: Roles.join() },
  };
}
