import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import * as z from 'zod';
import { ReleaseError } from '../errors.ts';

/** The payload type of in-toto statements. */
export const statementPayload = 'application/vnd.in-toto+json';

const base64 = z.string().refine((text) => Buffer.from(text, 'base64').toString('base64') === text);
const envelope = z.strictObject({
  payloadType: z.string(),
  payload: base64,
  // No key id: it would be the only part that is not signed, and there is only one key.
  signatures: z.array(z.strictObject({ sig: base64 })),
});

/**
 * The bytes to be signed: type and content, each preceded by its length.
 *
 * @see https://github.com/secure-systems-lab/dsse/blob/master/protocol.md
 */
export function signedBytes(payloadType: string, payload: Buffer): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

/**
 * Signs a text.
 *
 * @param sign returns an ECDSA P-256 signature, in DER, of a SHA-256 digest
 * @returns the envelope as it is stored
 */
export async function seal(
  payloadType: string,
  text: string,
  sign: (digest: Buffer) => Promise<Uint8Array>,
): Promise<string> {
  const payload = Buffer.from(text);
  const digest = createHash('sha256').update(signedBytes(payloadType, payload)).digest();
  const sig = Buffer.from(await sign(digest)).toString('base64');
  return JSON.stringify({ payloadType, payload: payload.toString('base64'), signatures: [{ sig }] });
}

/**
 * Opens an envelope, which must be exactly as the holder of the key wrote it. (Every ECDSA signature has a second valid
 * form, which anyone can compute. Both sign the same content.)
 *
 * @param about what the envelope should be about, for errors
 * @throws ReleaseError if it is not an envelope, has another payload type, or is not signed with this key
 */
export function open(text: string, payloadType: string, key: KeyObject, about: string): string {
  const result = envelope.safeParse(parsed(text));
  // Compare literally: even a form that a parser would accept as the same is a change.
  if (!result.success || JSON.stringify(result.data) !== text) {
    throw new ReleaseError(
      `What is stored about ${about} is not a DSSE envelope as it was written: it was changed or truncated.`,
    );
  }
  const { payload, signatures } = result.data;
  if (result.data.payloadType !== payloadType) {
    throw new ReleaseError(
      `What is stored about ${about} has the payload type ${JSON.stringify(result.data.payloadType)}, not ${payloadType}: it is not a statement.`,
    );
  }
  const [signature, ...more] = signatures;
  if (!signature) throw new ReleaseError(`The statement about ${about} is not signed.`);
  const content = Buffer.from(payload, 'base64');
  const bytes = signedBytes(payloadType, content);
  if (more.length > 0 || !verify('sha256', bytes, key, Buffer.from(signature.sig, 'base64'))) {
    throw new ReleaseError(
      `The signature of the statement about ${about} does not fit this key: the statement was changed after it was signed, or signed with another key.`,
    );
  }
  return content.toString('utf8');
}

/**
 * Reads a public key for signatures of statements.
 *
 * @param encoded PEM, or DER as KMS returns it
 * @throws ReleaseError if it is not a public key, or one of another kind
 */
export function publicKey(encoded: string | Uint8Array): KeyObject {
  let key: KeyObject | undefined;
  try {
    key =
      typeof encoded === 'string'
        ? createPublicKey(encoded)
        : createPublicKey({ key: Buffer.from(encoded), format: 'der', type: 'spki' });
  } catch {}
  if (key?.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return key;
  throw new ReleaseError(
    'This is not a public key on the curve P-256, which statements are signed with. Get it with aws kms get-public-key; docs/operate.md says how.',
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
