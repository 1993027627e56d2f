import { createHash } from 'node:crypto';
import * as z from 'zod/mini';

/**
 * The common properties of `Custom::SqlDatabase` and `Custom::SqlLogin`: a login, its server, and the administrator's
 * secret.
 */
export const sqlAccessSchema = z.object({
  Host: z.string().check(z.minLength(1)),
  Port: z.coerce.number<number | string>().check(z.int(), z.gte(1), z.lte(65_535)),
  Database: z.string().check(z.minLength(1), z.maxLength(128)),
  /** The name in the server's certificate, if it is not the host name. */
  TlsName: z.optional(z.string().check(z.minLength(1))),
  /** Trusted certificate authorities in PEM format; if absent, those of RDS in the function's region. */
  Authorities: z.optional(
    z
      .array(
        z.string().check(z.regex(/-----BEGIN CERTIFICATE-----/, 'it must be a certificate in PEM format')),
      )
      .check(z.minLength(1)),
  ),
  /** Whether the database belongs to someone else and must already exist. */
  Existing: z._default(z.enum(['true', 'false']), 'false'),
  AdminSecretArn: z.string().check(z.minLength(1)),
  Login: z.string().check(z.regex(/^[^\\]+\\[^\\]+$/, 'it must be of the form DOMAIN\\user')),
  /** How the environment marks what it creates; outlives the stack. */
  Owner: z.string().check(z.minLength(1), z.maxLength(100)),
});

/** Represents certificates where there is no room for them. */
export function authoritiesHash(authorities: readonly string[]): string {
  return createHash('sha256').update(authorities.join('\n')).digest('hex');
}
