import { directoryUserSecretSchema } from '@packages/contracts';
import * as z from 'zod/mini';
import { ProvisioningError } from '../provisioning-error.ts';
import type { Secrets } from './secrets.ts';

/** The content of the directory user's secret. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
  /** The password that the next rotation will set. A task that read this version before then signs in with it later. */
  readonly nextPassword: string;
  /** DNS name of the domain. */
  readonly domainName: string;
}

const form = z.extend(directoryUserSecretSchema, { domainName: z.string().check(z.minLength(1)) });

/** A secret's content as found: if made by CloudFormation or by hand, it has no next password yet. */
export type FoundCredentials = z.output<typeof form>;

/**
 * @param domainName default for a secret made by others, which may omit it
 * @throws ProvisioningError that names the key, and no value
 */
export function parseCredentials(secretId: string, value: string, domainName?: string): FoundCredentials {
  let json: unknown;
  try {
    json = JSON.parse(value);
    if (domainName !== undefined && typeof json === 'object') json = { domainName, ...json };
  } catch {
    // Discard the parser's message, which quotes the text.
  }
  const read = form.safeParse(json);
  if (read.success) return read.data;
  const key = read.error.issues[0]?.path.join('.') || 'whole';
  throw new ProvisioningError(
    `The secret ${secretId} is not of the form {"username","password","domainName"} (${key}): correct it, or delete ` +
      'it so that it is made again.',
  );
}

/**
 * AWS Managed Microsoft AD allows up to 127 characters and requires three of four kinds. Letters and digits are three
 * kinds, and need no quoting in a shell, environment file, URL or JSON text. 40 of them are 238 bits.
 */
const passwordLength = 40;

/**
 * A password that the directory's complexity rules accept: it contains neither the user's name nor a part of it of
 * three characters or more ([MS-SAMR], section 3.1.1.7.2).
 */
export async function newPassword(secrets: Secrets, username: string): Promise<string> {
  for (;;) {
    const password = await secrets.randomPassword(passwordLength);
    if (meetsPolicy(password, username)) return password;
  }
}

/** Whether the directory accepts a password, made by others, for a user. */
export function meetsPolicy(password: string, username: string): boolean {
  const parts = [username, ...username.split(/[,.\-_ #\t]/)].filter(({ length }) => length > 2);
  const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/].filter((kind) => kind.test(password));
  return (
    password.length >= 7 &&
    password.length <= 127 &&
    kinds.length >= 3 &&
    !parts.some((part) => password.toLowerCase().includes(part.toLowerCase()))
  );
}
