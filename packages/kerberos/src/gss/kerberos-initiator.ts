import { randomInt } from 'node:crypto';
import { assertValidNow, type Credential } from '../credential.ts';
import { KerberosError, malformed, refusal } from '../errors/kerberos-error.ts';
import { type ApReply, verifyApReply } from '../messages/ap-reply.ts';
import { type ApRequest, apRequest } from '../messages/ap-request.ts';
import { readKrbError } from '../messages/krb-error.ts';
import { channelBindingHash } from './channel-binding.ts';
import { frame, mechanism, unframe } from './framing.ts';
import { acceptorMadeMic, makeMic, type SigningKey } from './message-integrity-code.ts';

/** Token identifiers (RFC 4121, section 4.1). */
const tokenIdentifier = { apRequest: 0x0100, apReply: 0x0200, error: 0x0300 } as const;

const GSS_CHECKSUM = 0x8003;
/** MUTUAL, REPLAY, SEQUENCE and INTEG (RFC 4121, section 4.1.1.1). */
const contextFlags = 0x02 | 0x04 | 0x08 | 0x20;

export interface InitiatorOptions {
  /** A ticket for the service to log in to. */
  readonly credential: Credential;
  /**
   * Prefix and value of a channel binding, for example `tls-unique:` and twelve octets; if undefined, the login is not
   * bound.
   */
  readonly channelBinding?: Buffer | undefined;
}

/** The client's side of the Kerberos mechanism (RFC 4121), with mutual authentication. */
export class KerberosInitiator {
  readonly #credential: Credential;
  readonly #request: ApRequest;
  readonly #sequenceNumber = randomInt(2 ** 30);
  #reply: ApReply | undefined;

  /** @throws KerberosError TICKET_EXPIRED or TICKET_NOT_YET_VALID */
  constructor({ credential, channelBinding }: InitiatorOptions) {
    assertValidNow(credential);
    this.#credential = credential;
    this.#request = apRequest({
      credential,
      mutual: true,
      sequenceNumber: this.#sequenceNumber,
      checksum: { type: GSS_CHECKSUM, octets: contextChecksum(channelBinding) },
    });
  }

  /** The one token we send. */
  get token(): Buffer {
    return frame(mechanism.kerberos, withIdentifier(tokenIdentifier.apRequest, this.#request.message));
  }

  /** Whether the acceptor has proven its identity. */
  get complete(): boolean {
    return this.#reply !== undefined;
  }

  /**
   * Processes the acceptor's token.
   *
   * @throws KerberosError ACCEPTOR_NOT_AUTHENTIC, MESSAGE_MALFORMED, or the code of the KRB-ERROR in the token
   */
  accept(token: Buffer): void {
    if (this.complete) throw malformed('The server sends a second proof');
    const body = unframe(token, mechanism.kerberos);
    if (body.length < 2) throw malformed('The Kerberos token is cut short');
    const message = body.subarray(2);
    switch (body.readUInt16BE()) {
      case tokenIdentifier.apReply:
        this.#reply = verifyApReply(message, this.#credential.key, this.#request.moment);
        return;
      case tokenIdentifier.error:
        throw refusal('The server', readKrbError(message));
      default:
        throw malformed('The Kerberos token is neither AP-REP nor KRB-ERROR');
    }
  }

  /** Signs the first message that we sign in this context. */
  mic(message: Buffer): Buffer {
    return makeMic(this.#signingKey(), this.#sequenceNumber, message);
  }

  /** @throws KerberosError ACCEPTOR_NOT_AUTHENTIC unless it is the acceptor's first signature, over this message */
  verifyMic(message: Buffer, mic: Buffer): void {
    if (acceptorMadeMic(mic, this.#signingKey(), this.#reply?.sequenceNumber ?? 0, message)) return;
    throw new KerberosError(
      'ACCEPTOR_NOT_AUTHENTIC',
      'The list of mechanisms that the server signed is not the one we sent.',
    );
  }

  #signingKey(): SigningKey {
    const subkey = this.#reply?.subkey;
    return { key: subkey ?? this.#credential.key, fromAcceptor: subkey !== undefined };
  }
}

/** The authenticator's checksum, which holds the channel binding and the flags in little-endian order. */
function contextChecksum(channelBinding: Buffer | undefined): Buffer {
  const hash = channelBindingHash(channelBinding);
  const octets = Buffer.alloc(4 + hash.length + 4);
  octets.writeUInt32LE(hash.length);
  hash.copy(octets, 4);
  octets.writeUInt32LE(contextFlags, 4 + hash.length);
  return octets;
}

function withIdentifier(identifier: number, message: Buffer): Buffer {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(identifier);
  return Buffer.concat([head, message]);
}
