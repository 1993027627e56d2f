import { expectIdentifier, Fields, readElement } from '../der/read.ts';
import { readEnumerated, readObjectIdentifier, readOctets } from '../der/values.ts';
import * as der from '../der/write.ts';
import { malformed } from '../errors/kerberos-error.ts';
import { frame, mechanism } from './framing.ts';

/** Tokens of SPNEGO (RFC 4178, section 4.2). */

const NEG_TOKEN_INIT = 0;
const NEG_TOKEN_RESP = 1;

export const negotiationState = { completed: 0, incomplete: 1, rejected: 2, requestMic: 3 } as const;

export interface NegTokenResp {
  /** May be missing, except in the first reply. */
  readonly state?: number | undefined;
  readonly mechanism?: string | undefined;
  readonly token?: Buffer | undefined;
  readonly mic?: Buffer | undefined;
}

/** The list of mechanisms in order of preference, which the MIC protects. */
export function mechanismList(mechanisms: readonly string[]): Buffer {
  return der.sequenceOf(mechanisms.map(der.objectIdentifier));
}

/** @param token for the first mechanism in the list */
export function negTokenInit(list: Buffer, token: Buffer | undefined): Buffer {
  const body = der.fields({ 0: list, 2: token && der.octetString(token) });
  return frame(mechanism.spnego, der.contextTagged(NEG_TOKEN_INIT, body));
}

export function negTokenResp({ state, token, mic }: NegTokenResp): Buffer {
  const body = der.fields({
    0: state === undefined ? undefined : der.enumerated(state),
    2: token && der.octetString(token),
    3: mic && der.octetString(mic),
  });
  return der.contextTagged(NEG_TOKEN_RESP, body);
}

/** @throws KerberosError MESSAGE_MALFORMED for anything else */
export function readNegTokenResp(token: Buffer): NegTokenResp {
  const what = "the server's SPNEGO token";
  const outer = readElement(token, what);
  expectIdentifier(outer, 0xa0 | NEG_TOKEN_RESP, what);
  const fields = new Fields(readElement(outer.contents, what), what);
  const state = fields.optional(0, readEnumerated);
  if (state !== undefined && !Object.values(negotiationState).includes(state as 0))
    throw malformed(`The state in ${what} is not known`);
  return {
    state,
    mechanism: fields.optional(1, readObjectIdentifier),
    token: fields.optional(2, readOctets),
    mic: fields.optional(3, readOctets),
  };
}
