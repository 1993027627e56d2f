import * as z from 'zod/mini';

/** The properties of `Custom::DirectoryUser`. */
export const directoryUserPropertiesSchema = z.object({
  DirectoryId: z
    .string()
    .check(z.regex(/^d-[0-9a-f]{10}$/, 'it must be a directory id such as d-0123456789')),
  DomainName: z.string().check(z.minLength(1)),
  Username: z
    .string()
    .check(z.regex(/^[\w.-]{1,20}$/, 'it must be 1 to 20 letters, digits, dots, hyphens and underscores')),
  SecretArn: z.string().check(z.minLength(1)),
  /** How the environment marks what it creates; outlives the stack. */
  Owner: z.string().check(z.minLength(1), z.maxLength(100)),
  /** Whether an existing user of that name, created by someone else, may be taken over. */
  Adopt: z._default(z.enum(['true', 'false']), 'false'),
});

export type DirectoryUserProperties = z.input<typeof directoryUserPropertiesSchema>;

/** The values that the function's variable `PINNED` fixes, as JSON: it refuses any others. */
export function directoryUserPins(properties: DirectoryUserProperties) {
  const { DirectoryId, DomainName, Username, SecretArn, Owner, Adopt = 'false' } = properties;
  return { DirectoryId, DomainName, Username, SecretArn, Owner, Adopt };
}
