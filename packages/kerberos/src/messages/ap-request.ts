import { randomInt } from 'node:crypto';
import type { Credential } from '../credential.ts';
import type { Key } from '../crypto/key.ts';
import { keyUsage } from '../crypto/key-usage.ts';
import * as der from '../der/write.ts';
import { encodeName } from '../principal.ts';
import { encryptedData } from './encrypted-data.ts';
import { encodeKey } from './encryption-key.ts';
import { innerTag, messageType, protocolVersion } from './message-type.ts';

export interface ApRequestOptions {
  readonly credential: Credential;
  readonly checksum?: { readonly type: number; readonly octets: Buffer };
  readonly subkey?: Key;
  readonly sequenceNumber?: number;
  /** Whether the other side must prove its identity. */
  readonly mutual?: boolean;
  /** Key usage of the authenticator. Default: that for application servers. */
  readonly usage?: number;
}

/** The time at which an authenticator was made; the other side's proof repeats it. */
export interface Moment {
  /** Whole seconds. */
  readonly time: Date;
  readonly microseconds: number;
}

export interface ApRequest {
  readonly message: Buffer;
  readonly moment: Moment;
}

const mutualRequired = 2;

/** AP-REQ (RFC 4120, sections 5.5.1 and 3.2.2): the ticket, and an authenticator that proves we hold its key. */
export function apRequest(options: ApRequestOptions): ApRequest {
  const { credential, mutual = false, usage = keyUsage.apRequestAuthenticator } = options;
  const moment = newMoment(credential.clockOffset);
  const message = der.fields({
    0: der.integer(protocolVersion),
    1: der.integer(messageType.apRequest),
    2: der.flags(mutual ? [mutualRequired] : []),
    3: credential.ticket,
    4: encryptedData(credential.key, usage, authenticator(options, moment)),
  });
  return { message: der.application(messageType.apRequest, message), moment };
}

/** Client name and realm must equal those of the ticket octet by octet, or the server refuses them (BADMATCH). */
function authenticator(options: ApRequestOptions, { time, microseconds }: Moment): Buffer {
  const { credential, checksum, subkey, sequenceNumber } = options;
  const fields = der.fields({
    0: der.integer(protocolVersion),
    1: der.generalString(credential.client.realm),
    2: encodeName(credential.client.name),
    3: checksum && der.fields({ 0: der.integer(checksum.type), 1: der.octetString(checksum.octets) }),
    4: der.integer(microseconds),
    5: der.kerberosTime(time),
    6: subkey && encodeKey(subkey),
    7: sequenceNumber === undefined ? undefined : der.integer(sequenceNumber),
  });
  return der.application(innerTag.authenticator, fields);
}

let count = randomInt(1000);

/**
 * The current time of the KDC, with microseconds that differ from call to call, because servers remember the times of a
 * client's authenticators to reject replays. Reads the clock each time, so it follows a clock that was set back.
 */
export function newMoment(clockOffset: number): Moment {
  count = (count + 1) % 1000;
  const now = Math.round(Date.now() + clockOffset);
  const milliseconds = now % 1000;
  return { time: new Date(now - milliseconds), microseconds: milliseconds * 1000 + count };
}
