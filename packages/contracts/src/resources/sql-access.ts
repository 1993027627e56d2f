import { createHash } from 'node:crypto';
import * as z from 'zod/mini';

/** What `Custom::SqlDatabase` and `Custom::SqlLogin` have in common: which login of which server, and by whose hand. */
export const sqlAccessSchema = z.object({
  Host: z.string().check(z.minLength(1)),
  Port: z.coerce.number<number | string>().check(z.int(), z.gte(1), z.lte(65_535)),
  Database: z.string().check(z.minLength(1), z.maxLength(128)),
  /** The name that the certificate covers, where that is not the host's. */
  TlsName: z.optional(z.string().check(z.minLength(1))),
  /** Certificates in PEM format of those who may vouch for it; absent: those of RDS in the function's region. */
  Authorities: z.optional(
    z
      .array(
        z.string().check(z.regex(/-----BEGIN CERTIFICATE-----/, 'it must be a certificate in PEM format')),
      )
      .check(z.minLength(1)),
  ),
  /** Whether the database is others', and must be there. */
  Existing: z._default(z.enum(['true', 'false']), 'false'),
  AdminSecretArn: z.string().check(z.minLength(1)),
  Login: z.string().check(z.regex(/^[^\\]+\\[^\\]+$/, 'it must be of the form DOMAIN\\user')),
  /** The mark of the environment on what it makes; it outlives a stack. */
  Owner: z.string().check(z.minLength(1), z.maxLength(100)),
});

/** What stands for certificates where there is no room for them. */
export function authoritiesHash(authorities: readonly string[]): string {
  return createHash('sha256').update(authorities.join('\n')).digest('hex');
}
