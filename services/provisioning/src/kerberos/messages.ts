import { AES256_SHA1, decrypt, encrypt, keyUsage } from './aes-sha1.ts';
import * as der from './der.ts';

/** Message types, which are their application tags too (RFC 4120, section 5.10). */
const AS_REQ = 10;
const AS_REP = 11;
const KRB_ERROR = 30;
const PA_ENC_TIMESTAMP = 2;
const PA_ETYPE_INFO2 = 19;
const NAME_PRINCIPAL = 1;
const NAME_SERVICE_INSTANCE = 2;

export interface AsRequest {
  readonly username: string;
  readonly realm: string;
  /** Less than 2³¹. */
  readonly nonce: number;
  /** Proves the password: the key it gives, and the time by the clock of the KDC. */
  readonly proof?: { readonly key: Buffer; readonly at: Date };
}

/** AS-REQ (RFC 4120, section 5.4.1) for a ticket-granting ticket that lives five minutes and can do nothing special. */
export function asRequest({ username, realm, nonce, proof }: AsRequest): Buffer {
  const body = der.fields({
    0: der.bits(Buffer.alloc(4)),
    1: principal(NAME_PRINCIPAL, [username]),
    2: der.text(realm),
    3: principal(NAME_SERVICE_INSTANCE, ['krbtgt', realm]),
    5: der.time(new Date(Date.now() + 300_000)),
    7: der.integer(nonce),
    8: der.sequenceOf([der.integer(AES256_SHA1)]),
  });
  const padata: Record<number, der.Block> = proof ? { 3: der.sequenceOf([encryptedTimestamp(proof)]) } : {};
  const request = der.fields({ 1: der.integer(5), 2: der.integer(AS_REQ), ...padata, 4: body });
  return der.encode(der.application(AS_REQ, request));
}

export type AsAnswer =
  | { readonly kind: 'reply'; readonly encrypted: Buffer }
  | {
      readonly kind: 'error';
      readonly code: number;
      /** The clock of the KDC. */
      readonly at: Date | undefined;
      /** How the KDC makes this user's key of a password. */
      readonly salt: { readonly salt: string; readonly iterations: number | undefined } | undefined;
    };

/** Reads an AS-REP or a KRB-ERROR (RFC 4120, sections 5.4.2 and 5.9.1). @throws Error for anything else */
export function readAnswer(message: Buffer): AsAnswer {
  const answer = der.decode(message);
  if (answer.application === AS_REP) {
    const encrypted = answer.field(6);
    const cipher = encrypted && der.toOctets(der.inside(encrypted).field(2));
    if (cipher) return { kind: 'reply', encrypted: cipher };
  }
  const code = der.toNumber(answer.field(6));
  if (answer.application !== KRB_ERROR || code === undefined)
    throw new Error('The answer is not one of Kerberos.');
  return {
    kind: 'error',
    code,
    at: der.toTime(answer.field(4)),
    salt: saltOf(der.toOctets(answer.field(12))),
  };
}

/** Whether the reply can be read with the key and answers the request with this nonce: then the KDC knows the key. */
export function replyIsProven(encrypted: Buffer, key: Buffer, nonce: number): boolean {
  const part = decrypt(key, keyUsage.asReply, encrypted);
  return part !== undefined && der.toNumber(der.decode(part).field(2)) === nonce;
}

function encryptedTimestamp({ key, at }: { key: Buffer; at: Date }) {
  const stamp = der.encode(der.fields({ 0: der.time(at), 1: der.integer(at.getMilliseconds() * 1000) }));
  const encrypted = der.fields({
    0: der.integer(AES256_SHA1),
    2: der.octets(encrypt(key, keyUsage.encryptedTimestamp, stamp)),
  });
  return der.fields({ 1: der.integer(PA_ENC_TIMESTAMP), 2: der.octets(der.encode(encrypted)) });
}

/** PA-ETYPE-INFO2 (RFC 4120, section 5.2.7.5) in the METHOD-DATA of an error. */
function saltOf(methodData: Buffer | undefined) {
  if (!methodData) return undefined;
  for (const padata of der.sequence(methodData).map(der.inside)) {
    if (der.toNumber(padata.field(1)) !== PA_ETYPE_INFO2) continue;
    const entries = der.sequence(der.toOctets(padata.field(2)) ?? Buffer.alloc(0)).map(der.inside);
    const entry = entries.find((candidate) => der.toNumber(candidate.field(0)) === AES256_SHA1);
    const salt = entry && der.toText(entry.field(1));
    if (!entry || salt === undefined) return undefined;
    return { salt, iterations: der.toOctets(entry.field(2))?.readUInt32BE() };
  }
  return undefined;
}

function principal(type: number, parts: readonly string[]) {
  return der.fields({ 0: der.integer(type), 1: der.sequenceOf(parts.map(der.text)) });
}
