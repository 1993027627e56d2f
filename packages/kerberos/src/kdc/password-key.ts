import { Key } from '../crypto/key.ts';
import { readElement } from '../der/read.ts';
import { listOf, readInt32, readOctets, readString, structure } from '../der/values.ts';
import { KerberosError, malformed } from '../errors/kerberos-error.ts';
import { type PreAuthenticationData, preAuthentication } from '../messages/kdc-request.ts';
import type { Principal } from '../principal.ts';

/** How a KDC derives a user's key from a password. */
export interface PasswordKeyRecipe {
  readonly type: number;
  readonly salt: Buffer;
  readonly iterations: number | undefined;
}

const readEntry = structure((fields) => ({
  type: fields.required(0, readInt32),
  salt: fields.optional(1, readString),
  parameters: fields.optional(2, readOctets),
}));

/**
 * The first permitted recipe in the KDC's list, PA-ETYPE-INFO2 (RFC 4120, section 5.2.7.5).
 *
 * @param acceptable encryption type numbers, best first
 * @throws KerberosError ENCRYPTION_TYPE_UNSUPPORTED if there is none, MESSAGE_MALFORMED
 */
export function passwordKeyRecipe(
  client: Principal,
  data: readonly PreAuthenticationData[],
  acceptable: readonly number[],
): PasswordKeyRecipe {
  const defaultSalt = Buffer.concat([client.realm, ...client.name.parts]);
  const info = data.find(({ type }) => type === preAuthentication.encryptionTypeInfo);
  if (!info) {
    const [type] = acceptable;
    if (type === undefined) throw unsupported([]);
    return { type, salt: defaultSalt, iterations: undefined };
  }
  const what = 'the list of encryption types';
  const entries = listOf(readEntry)(readElement(info.value, what), what);
  const entry = entries.find(({ type }) => acceptable.includes(type));
  if (!entry) throw unsupported(entries.map(({ type }) => type));
  const { type, salt = defaultSalt, parameters } = entry;
  // The parameters of AES are the number of rounds, in four octets (RFC 3962, section 4; RFC 8009, section 4).
  if (parameters && parameters.length !== 4) throw malformed('The number of rounds for the key is malformed');
  return { type, salt, iterations: parameters?.readUInt32BE() };
}

export function passwordKey(password: string, { type, salt, iterations }: PasswordKeyRecipe): Promise<Key> {
  return Key.ofPassword(type, password, salt, iterations);
}

function unsupported(offered: readonly number[]): KerberosError {
  const list = offered.length > 0 ? offered.join(', ') : 'none';
  return new KerberosError(
    'ENCRYPTION_TYPE_UNSUPPORTED',
    `The account has no key of an encryption type that may be used here (it has: ${list}).`,
  );
}
