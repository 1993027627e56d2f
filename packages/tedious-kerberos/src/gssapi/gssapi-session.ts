import type { AuthenticationSession, LoginTarget } from '../authenticator.ts';
import { gssErrorCode, gssStatus } from '../errors/explain-gss-error.ts';
import { LoginError } from '../errors/login-error.ts';
import { hostBasedServiceName } from '../service-principal-name.ts';
import { explainMissingTicket } from './explain-missing-ticket.ts';
import type { CallLimit } from './native-call-limit.ts';
import { loadNativeModule, type NativeContext, type NativeModule } from './native-module.ts';

export interface GssapiSessionOptions {
  readonly target: LoginTarget;
  readonly spn: string;
  readonly principal: string | undefined;
  readonly limit: CallLimit;
}

/** One GSSAPI security context of the machine's Kerberos library, negotiated with SPNEGO. It cannot bind the channel. */
export class GssapiSession implements AuthenticationSession {
  readonly #options: GssapiSessionOptions;
  #context: NativeContext | undefined;
  #disposed = false;

  constructor(options: GssapiSessionOptions) {
    this.#options = options;
  }

  get complete(): boolean {
    return this.#context?.contextComplete ?? false;
  }

  async initialToken(signal: AbortSignal): Promise<Buffer> {
    const native = await loadNativeModule();
    return this.#options.limit.run(signal, async () => {
      if (this.#disposed) throw new Error('The login was abandoned.');
      try {
        const context = await this.#newContext(native, native.GSS_MECH_OID_SPNEGO);
        const token = await context.step('');
        if (!this.#disposed) this.#context = context;
        return Buffer.from(token ?? '', 'base64');
      } catch (error) {
        throw await this.#explain(native, error);
      }
    });
  }

  async nextToken(serverToken: Buffer): Promise<Buffer | undefined> {
    const context = this.#context;
    if (!context || context.contextComplete) {
      throw this.#notAuthentic('sent a token after the authentication was complete');
    }
    // An empty challenge would restart the negotiation.
    if (serverToken.length === 0) throw this.#notAuthentic('sent an empty token');
    try {
      const answer = await context.step(serverToken.toString('base64'));
      return answer ? Buffer.from(answer, 'base64') : undefined;
    } catch (error) {
      const gss = gssStatus(messageOf(error));
      const known = gssErrorCode(gss);
      const code = known === 'CLOCK_SKEW' || known === 'TICKET_EXPIRED' ? known : 'SERVER_NOT_AUTHENTIC';
      throw this.#error(
        code,
        `The token of ${this.#options.target.host} does not prove that it is ${this.#options.spn}`,
        gss,
      );
    }
  }

  dispose(): void {
    // The native context is released by its finalizer once this reference is gone.
    this.#disposed = true;
    this.#context = undefined;
  }

  #newContext(native: NativeModule, mechOID: number): Promise<NativeContext> {
    const { spn, principal } = this.#options;
    const flags = native.GSS_C_MUTUAL_FLAG | native.GSS_C_REPLAY_FLAG | native.GSS_C_SEQUENCE_FLAG;
    return native.initializeClient(hostBasedServiceName(spn), {
      flags,
      mechOID,
      ...(principal ? { principal } : {}),
    });
  }

  /** SPNEGO hides why Kerberos failed ("cannot find mechanisms to negotiate"), so we try Kerberos directly for its error. */
  async #explain(native: NativeModule, error: unknown): Promise<LoginError> {
    let text = messageOf(error);
    if (/SPNEGO/.test(text)) {
      try {
        await (await this.#newContext(native, native.GSS_MECH_OID_KRB5)).step('');
      } catch (reason) {
        text = messageOf(reason);
      }
    }
    const { spn, target, principal } = this.#options;
    const gss = gssStatus(text);
    const { code, detail } = await explainMissingTicket(gssErrorCode(gss), { spn, target, principal });
    return this.#error(code, detail ?? `No ticket for ${spn}`, gss);
  }

  #notAuthentic(what: string): LoginError {
    return this.#error('SERVER_NOT_AUTHENTIC', `${this.#options.target.host} ${what}.`);
  }

  #error(code: LoginError['code'], what: string, gss?: LoginError['gss']): LoginError {
    const { spn, target } = this.#options;
    const said = gss && [gss.major, gss.minor].filter(Boolean).join(': ');
    const message = said ? `${what} (${said}).` : what;
    return new LoginError(code, { ...target, spn, step: this.#context ? 'login' : 'ticket', message, gss });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
