import { ConfigurationError, directoryUserSecretKeys, directoryUserSecretSchema } from '@packages/contracts';
import * as z from 'zod/mini';

/** The directory user the sidecar signs in as. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
  /** The password that the next rotation will set, if the secret contains it. */
  readonly nextPassword?: string;
  /** When the password was set, if the secret says so. */
  readonly passwordChangedAt?: Date;
  /** Keys of the secret that the sidecar does not know and ignores. */
  readonly unknownKeys: readonly string[];
}

// To kinit's parser, a slash begins a second component, an at sign begins a realm, and a backslash escapes.
const username = 'must be the bare account name, without domain, such as "db-user"';
const passwordRule = 'must be text of 1 to 1000 bytes on one line';

// kinit reads one line of at most 1023 bytes.
const password = z
  .string(passwordRule)
  .check(
    z.refine(
      (value) => value !== '' && !/[\n\r\0]/.test(value) && Buffer.byteLength(value) <= 1000,
      passwordRule,
    ),
  );

const schema = z.extend(directoryUserSecretSchema, {
  username: z.string(username).check(z.regex(/^[^\s/@\\"\0]([^/@\\"\0\n\r]*[^\s/@\\"\0])?$/, username)),
  password,
  nextPassword: z.optional(password),
  domainName: z.optional(z.string('must be a text')),
  passwordChangedAt: z.optional(
    z
      .string('must be a time such as 2026-01-31T12:00:00Z')
      .check(
        z.refine((value) => !Number.isNaN(Date.parse(value)), 'must be a time such as 2026-01-31T12:00:00Z'),
      ),
  ),
});

const known = directoryUserSecretKeys;

/**
 * Parses the secret's JSON, `{"username","password"}` with optional `nextPassword`, `domainName` and
 * `passwordChangedAt`. A key that differs from a known one only in case or separators is reported as a typing mistake;
 * other unknown keys are ignored, so that a secret can hold more than the sidecar needs.
 * @throws ConfigurationError with one message for each fault; no message quotes a value of the secret.
 */
export function parseCredentials(json: string, domain: string): Credentials {
  const secret = asObject(json);
  const read = schema.safeParse(secret);
  const problems = read.success
    ? []
    : read.error.issues.map((issue) => {
        const key = String(issue.path[0]);
        return `The secret's key "${key}" ${key in secret ? '' : 'is missing; it '}${issue.message}.`;
      });
  const unknownKeys = Object.keys(secret).filter((key) => !known.includes(key));
  for (const key of unknownKeys) {
    const meant = known.find((name) => plain(name) === plain(key));
    if (meant) {
      problems.push(`The secret's key "${key}" is not known; write it "${meant}".`);
    }
  }
  if (read.success && read.data.domainName && read.data.domainName.toLowerCase() !== domain.toLowerCase()) {
    problems.push(
      `The secret's key "domainName" is another name than DIRECTORY_DOMAIN (${domain}); make them equal.`,
    );
  }
  if (!read.success || problems.length > 0) {
    throw new ConfigurationError(problems);
  }
  const { username: name, password: current, nextPassword, passwordChangedAt } = read.data;
  return {
    username: name,
    password: current,
    ...(nextPassword && { nextPassword }),
    ...(passwordChangedAt && { passwordChangedAt: new Date(passwordChangedAt) }),
    unknownKeys,
  };
}

function asObject(json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch {
    // Discard the parser's message: it quotes the text, which is the secret.
  }
  throw new ConfigurationError([
    'The secret is not a JSON object, but it must be {"username":"…","password":"…"}.',
  ]);
}

function plain(key: string): string {
  return key.toLowerCase().replaceAll(/[^a-z]/g, '');
}
