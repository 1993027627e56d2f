import * as z from 'zod/mini';
import { authoritiesHash, sqlAccessSchema } from './sql-access.ts';

/** The properties of `Custom::SqlLogin`: the login of a further service. CloudFormation hands numbers over as text. */
export const sqlLoginPropertiesSchema = z.extend(sqlAccessSchema, {
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
