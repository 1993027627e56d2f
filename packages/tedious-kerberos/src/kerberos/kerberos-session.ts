import { KerberosError, NegotiateInitiator } from 'kerberos-client';
import type { AuthenticationSession, Channel, LoginTarget } from '../authenticator.ts';
import { unlessAborted } from '../unless-aborted.ts';
import { channelBindingOf } from './channel-binding.ts';
import { kerberosLoginError, missingTicketError } from './explain-kerberos-error.ts';
import type { Tickets } from './tickets.ts';

export interface KerberosSessionOptions {
  readonly target: LoginTarget;
  readonly spn: string;
  readonly principal: string | undefined;
  readonly tickets: Tickets;
  readonly channelBinding: boolean;
}

/** One Kerberos login, implemented in TypeScript only. */
export class KerberosSession implements AuthenticationSession {
  readonly #options: KerberosSessionOptions;
  #login: NegotiateInitiator | undefined;

  constructor(options: KerberosSessionOptions) {
    this.#options = options;
  }

  get complete(): boolean {
    return this.#login?.complete ?? false;
  }

  async initialToken(signal: AbortSignal, channel: Channel = Promise.resolve(undefined)): Promise<Buffer> {
    const { spn, principal, tickets, channelBinding } = this.#options;
    try {
      const credential = await tickets.ticketFor(spn, { client: principal, signal });
      const socket = channelBinding ? await unlessAborted(signal, channel) : undefined;
      this.#login = new NegotiateInitiator({ credential, channelBinding: channelBindingOf(socket) });
      return this.#login.initialToken();
    } catch (error) {
      if (!(error instanceof KerberosError)) throw error;
      throw missingTicketError(error, this.#options);
    }
  }

  async nextToken(serverToken: Buffer): Promise<Buffer | undefined> {
    try {
      if (!this.#login) throw new Error('The login was abandoned.');
      return this.#login.nextToken(serverToken);
    } catch (error) {
      if (!(error instanceof KerberosError)) throw error;
      const { spn, target } = this.#options;
      // A KRB-ERROR that refuses the login never gets here. A server that accepts the login with one has proven nothing.
      const message = `The token of ${target.host} does not prove that it is ${spn}. ${error.message}`;
      throw kerberosLoginError({ code: 'SERVER_NOT_AUTHENTIC', message }, this.#options, error, 'login');
    }
  }

  dispose(): void {
    this.#login = undefined;
  }
}
