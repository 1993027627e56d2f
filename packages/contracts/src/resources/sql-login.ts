import * as z from 'zod/mini';
import { authoritiesHash, sqlAccessSchema } from './sql-access.ts';

/** The properties of `Custom::SqlLogin`: the login of another service. CloudFormation passes numbers as text. */
export const sqlLoginPropertiesSchema = z.extend(sqlAccessSchema, {
  /** All database roles of the login. CloudFormation drops an empty list. */
  Roles: z._default(z.array(z.string()), []),
});

export type SqlLoginProperties = z.input<typeof sqlLoginPropertiesSchema>;

/** The values that the function's variable `PINNED` fixes, as JSON: it refuses any others. */
export function sqlLoginPins(properties: SqlLoginProperties) {
  const { Host, Port, Database, AdminSecretArn, Login, Owner, Roles = [] } = properties;
  const { TlsName = Host, Authorities, Existing = 'false' } = properties;
  // A missing key is not compared, so the properties of a server that belongs to someone else go into its name.
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
