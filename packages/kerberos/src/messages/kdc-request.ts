import * as der from '../der/write.ts';
import { encodeName, type Principal, type PrincipalName } from '../principal.ts';
import { type messageType, protocolVersion } from './message-type.ts';

/** Request options by bit number (RFC 4120, section 5.4.1; RFC 6806, section 3). */
export const kdcOption = {
  forwardable: 1,
  renewable: 8,
  canonicalize: 15,
  renewableOk: 27,
  renew: 30,
} as const;

/** Types of pre-authentication data (RFC 4120, section 7.5.2; RFC 6113, section 5.2). */
export const preAuthentication = {
  tgsRequest: 1,
  encryptedTimestamp: 2,
  encryptionTypeInfo: 19,
  cookie: 133,
} as const;

export interface KdcRequestBody {
  readonly options: readonly number[];
  /** Only in an AS exchange. */
  readonly client?: PrincipalName;
  readonly server: Principal;
  readonly until: Date;
  readonly renewableUntil?: Date | undefined;
  /** Less than 2³¹, so that no implementation takes it for a negative number. */
  readonly nonce: number;
  readonly encryptionTypes: readonly number[];
}

export interface PreAuthenticationData {
  readonly type: number;
  readonly value: Buffer;
}

/** KDC-REQ-BODY (RFC 4120, section 5.4.1). Its realm is that of the requested server. */
export function kdcRequestBody(body: KdcRequestBody): Buffer {
  return der.fields({
    0: der.flags(body.options),
    1: body.client && encodeName(body.client),
    2: der.generalString(body.server.realm),
    3: encodeName(body.server.name),
    5: der.kerberosTime(body.until),
    6: body.renewableUntil && der.kerberosTime(body.renewableUntil),
    7: der.integer(body.nonce),
    8: der.sequenceOf(body.encryptionTypes.map(der.integer)),
  });
}

/** AS-REQ or TGS-REQ (RFC 4120, section 5.4.1). */
export function kdcRequest(
  type: typeof messageType.asRequest | typeof messageType.tgsRequest,
  body: Buffer,
  data: readonly PreAuthenticationData[],
): Buffer {
  const list = data.map((item) => der.fields({ 1: der.integer(item.type), 2: der.octetString(item.value) }));
  const request = der.fields({
    1: der.integer(protocolVersion),
    2: der.integer(type),
    3: list.length > 0 ? der.sequenceOf(list) : undefined,
    4: body,
  });
  return der.application(type, request);
}
