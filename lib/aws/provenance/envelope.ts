import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import * as z from 'zod';
import { ReleaseError } from '../errors.ts';

/** What an envelope of in-toto's holds. */
export const statementPayload = 'application/vnd.in-toto+json';

const base64 = z.string().refine((text) => Buffer.from(text, 'base64').toString('base64') === text);
const envelope = z.strictObject({
  payloadType: z.string(),
  payload: base64,
  // No key id: it would be the only part that nothing vouches for, and there is one key only.
  signatures: z.array(z.strictObject({ sig: base64 })),
});

/**
 * The bytes that are signed: type and content, each with its length.
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
 * @param sign makes a signature in DER, with ECDSA over P-256, of a SHA-256 digest
 * @returns the envelope as it is kept
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
 * Opens an envelope that is as it was written by whoever has the key. (Of each signature of ECDSA there is a second form
 * that fits, too, and that anybody can make of it: the same is signed by both.)
 *
 * @param about what it is said to be about, for errors
 * @throws ReleaseError a sentence when it is no envelope, holds something else, is not signed, or by another key
 */
export function open(text: string, payloadType: string, key: KeyObject, about: string): string {
  const result = envelope.safeParse(parsed(text));
  // To the letter: a form that a reader would take for the same is a change, too.
  if (!result.success || JSON.stringify(result.data) !== text) {
    throw new ReleaseError(
      `What is kept about ${about} is no envelope of DSSE as it was written: it was changed, or cut short.`,
    );
  }
  const { payload, signatures } = result.data;
  if (result.data.payloadType !== payloadType) {
    throw new ReleaseError(
      `What is kept about ${about} is of the type ${JSON.stringify(result.data.payloadType)}, not ${payloadType}: it is no statement.`,
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
 * A public key for signatures of statements.
 *
 * @param encoded PEM, or DER as KMS gives it
 * @throws ReleaseError when it is none, or of another kind
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
    'This is no public key of the curve P-256, as statements are signed with. aws kms get-public-key gives it; docs/operate.md says how.',
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
