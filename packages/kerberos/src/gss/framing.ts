import { elementAt, expectIdentifier, readElement } from '../der/read.ts';
import { readObjectIdentifier } from '../der/values.ts';
import * as der from '../der/write.ts';
import { malformed } from '../errors/kerberos-error.ts';

/** Mechanisms, by object identifier. */
export const mechanism = {
  kerberos: '1.2.840.113554.1.2.2',
  /** The same mechanism as misspelt by Windows 2000, with an arc cut to 16 bits; Windows still offers both. */
  kerberosMicrosoft: '1.2.840.48018.1.2.2',
  spnego: '1.3.6.1.5.5.2',
} as const;

const INITIAL_CONTEXT_TOKEN = 0x60;

/** Prefixes a token with its mechanism (RFC 2743, section 3.1). */
export function frame(identifier: string, body: Buffer): Buffer {
  return der.element(INITIAL_CONTEXT_TOKEN, Buffer.concat([der.objectIdentifier(identifier), body]));
}

/** The token without its mechanism. @throws KerberosError MESSAGE_MALFORMED if it belongs to another mechanism */
export function unframe(token: Buffer, identifier: string): Buffer {
  const what = 'the GSS-API token';
  const outer = readElement(token, what);
  expectIdentifier(outer, INITIAL_CONTEXT_TOKEN, what);
  const first = elementAt(outer.contents, 0, what);
  const found = readObjectIdentifier(first, what);
  if (found !== identifier) throw malformed(`The token is of the mechanism ${found}`);
  return outer.contents.subarray(first.encoded.length);
}
