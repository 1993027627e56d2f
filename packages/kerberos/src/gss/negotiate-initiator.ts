import { KerberosError, malformed } from '../errors/kerberos-error.ts';
import { mechanism } from './framing.ts';
import { type InitiatorOptions, KerberosInitiator } from './kerberos-initiator.ts';
import {
  mechanismList,
  type NegTokenResp,
  negotiationState,
  negTokenInit,
  negTokenResp,
  readNegTokenResp,
} from './negotiation-tokens.ts';

export interface NegotiateOptions extends InitiatorOptions {
  /**
   * Mechanisms to offer, by object identifier, the preferred one first; one of them must be Kerberos. Default: Kerberos
   * alone, which rules out a downgrade.
   */
  readonly offer?: readonly string[];
}

/**
 * The client's side of SPNEGO (RFC 4178) with Kerberos: what HTTP calls Negotiate and SQL Server calls integrated
 * authentication. Send `initialToken()`, then pass each token of the server to `nextToken` and send what it returns.
 * Whatever the server claims, the login has succeeded only when `complete` is true.
 */
export class NegotiateInitiator {
  readonly #kerberos: KerberosInitiator;
  readonly #offer: readonly string[];
  readonly #list: Buffer;
  #kerberosSent: boolean;
  #answered = false;
  #micSent = false;
  #micVerified = false;
  #state: 'open' | 'complete' | 'failed' = 'open';

  /** @throws KerberosError TICKET_EXPIRED or TICKET_NOT_YET_VALID; TypeError for an offer without Kerberos */
  constructor({ offer = [mechanism.kerberos], ...options }: NegotiateOptions) {
    if (!offer.some(isKerberos)) throw new TypeError('The offer must hold Kerberos.');
    this.#kerberos = new KerberosInitiator(options);
    this.#offer = offer;
    this.#list = mechanismList(offer);
    this.#kerberosSent = isKerberos(offer[0]);
  }

  /** True once the server has proven its identity and the negotiation has ended. */
  get complete(): boolean {
    return this.#state === 'complete';
  }

  initialToken(): Buffer {
    return negTokenInit(this.#list, this.#kerberosSent ? this.#kerberos.token : undefined);
  }

  /**
   * Processes a token from the server.
   *
   * @returns the token to send, or undefined if there is none
   * @throws KerberosError if the server refuses, does not prove its identity, or does not speak SPNEGO
   */
  nextToken(serverToken: Buffer): Buffer | undefined {
    try {
      return this.#take(readNegTokenResp(serverToken));
    } catch (error) {
      this.#state = 'failed';
      throw error;
    }
  }

  #take(response: NegTokenResp): Buffer | undefined {
    if (this.#state === 'failed') throw malformed('The server goes on after its login has failed');
    if (this.#state === 'complete') return this.#takeAfterwards(response);
    const first = !this.#answered;
    this.#answered = true;
    if (first && response.state === undefined) throw malformed("The server's first answer has no state");
    if (response.state === negotiationState.rejected) throw this.#rejection(response);
    this.#checkChoice(response.mechanism);
    if (!this.#kerberosSent) {
      if (response.token) throw malformed('The server answers a token that was not sent');
      this.#kerberosSent = true;
      return negTokenResp({ state: negotiationState.incomplete, token: this.#kerberos.token });
    }
    if (response.token) this.#kerberos.accept(response.token);
    if (!this.#kerberos.complete) {
      throw new KerberosError('ACCEPTOR_NOT_AUTHENTIC', 'The server sends no proof of who it is.');
    }
    if (response.mic) {
      this.#kerberos.verifyMic(this.#list, response.mic);
      this.#micVerified = true;
    }
    return this.#isLast(response) ? this.#end() : this.#sign();
  }

  /**
   * A reply without a state (RFC 4178, section 4.2.2) is the last one if neither the server nor we have anything left
   * to sign.
   */
  #isLast({ state, mic }: NegTokenResp): boolean {
    if (state !== undefined) return state === negotiationState.completed;
    return this.#micSent || (mic === undefined && this.#chosenIsPreferred);
  }

  /** Ends the negotiation because the server says it is complete. */
  #end(): undefined {
    if (this.#micVerified || this.#chosenIsPreferred) {
      this.#state = 'complete';
      return undefined;
    }
    throw new KerberosError(
      'ACCEPTOR_NOT_AUTHENTIC',
      'The server chose another mechanism than the preferred one, and did not sign the list it chose from.',
    );
  }

  /**
   * The server continues after Kerberos has finished, so it wants the list of mechanisms signed (RFC 4178, section 5).
   */
  #sign(): Buffer {
    if (this.#micSent) throw malformed('The server wants the list of mechanisms signed twice');
    this.#micSent = true;
    const state = this.#micVerified ? negotiationState.completed : negotiationState.incomplete;
    if (this.#micVerified) this.#state = 'complete';
    return negTokenResp({ state, mic: this.#kerberos.mic(this.#list) });
  }

  /** Some servers confirm the end again, with a token that holds just "completed", or nothing. */
  #takeAfterwards({ state = negotiationState.completed, token, mic }: NegTokenResp): undefined {
    if (state !== negotiationState.completed || token || mic) {
      throw malformed('The server goes on after the end of the login');
    }
  }

  #checkChoice(chosen: string | undefined): void {
    if (chosen === undefined) return;
    const offered = this.#offer.includes(chosen) || (isKerberos(chosen) && this.#offer.some(isKerberos));
    if (offered && isKerberos(chosen)) return;
    throw new KerberosError(
      'MECHANISM_REFUSED',
      `The server chose the mechanism ${chosen} in place of Kerberos.`,
    );
  }

  /** Both spellings of Kerberos are one mechanism. */
  get #chosenIsPreferred(): boolean {
    return isKerberos(this.#offer[0]);
  }

  /** The server may give its reason in a KRB-ERROR. A refusal needs no proof of the server's identity. */
  #rejection({ token }: NegTokenResp): KerberosError {
    try {
      if (token && this.#kerberosSent && !this.#kerberos.complete) this.#kerberos.accept(token);
    } catch (error) {
      if (error instanceof KerberosError && error.report) return error;
    }
    return new KerberosError('MECHANISM_REFUSED', 'The server refuses the login without saying why.');
  }
}

function isKerberos(identifier: string | undefined): boolean {
  return identifier === mechanism.kerberos || identifier === mechanism.kerberosMicrosoft;
}
