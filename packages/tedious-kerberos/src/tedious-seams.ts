/**
 * Everything of tedious that is not its public interface, and nothing else. Written against tedious 20.3.9;
 * `tedious-seams.test.ts` fails with a sentence when an upgrade moves one of these parts.
 *
 * tedious connects in this order: `connectOnPort` → PRELOGIN → `performTlsNegotiation` → `sendLogin7Packet` →
 * `performSentLogin7WithStandardLogin` → (routing: all again) → initial SQL. We step in between, and let it do the rest.
 */
import { hostname } from 'node:os';
import { ConnectionError, Connection as TediousConnection } from 'tedious';
import library from 'tedious/lib/library.js';
import login7Payload from 'tedious/lib/login7-payload.js';
import packet from 'tedious/lib/packet.js';
import tdsVersions from 'tedious/lib/tds-versions.js';
import handlers from 'tedious/lib/token/handler.js';
import helpers from 'tedious/lib/token/helpers.js';
import streamParser from 'tedious/lib/token/stream-parser.js';
import tokens from 'tedious/lib/token/token.js';
import type { LoginTarget } from './authenticator.ts';
import type { LoginStep, ServerErrorToken } from './errors/login-error.ts';
import { insertSspiToken } from './insert-sspi-token.ts';
import { unlessAborted } from './unless-aborted.ts';

// Two of tedious' modules are functions at run time, though their types say they have a default export.
const Login7Payload = login7Payload as unknown as typeof login7Payload.default;
const StreamParser = streamParser as unknown as typeof streamParser.default;

/** Reads SSPI tokens as they are; tedious' own parser takes each for an NTLM challenge and throws on a short one. */
class TokenParser extends StreamParser {
  override readToken(): ReturnType<InstanceType<typeof StreamParser>['readToken']> {
    if (this.buffer[this.position] !== tokens.TYPE.SSPI) return super.readToken();
    return this.parseToken((buffer, offset) => {
      const { value, offset: end } = helpers.readUsVarByte(buffer, offset);
      return new helpers.Result(new tokens.SSPIToken(undefined, value), end);
    });
  }
}

/** Collects what a login response says. */
class LoginResponse extends handlers.Login7TokenHandler {
  readonly serverTokens: Buffer[] = [];
  /** Of several errors the one that tells most: 18456 only repeats that the login failed. */
  serverError: ServerErrorToken | undefined;

  override onSSPI(token: InstanceType<typeof tokens.SSPIToken>): void {
    this.serverTokens.push(token.ntlmpacketBuffer);
  }
  override onErrorMessage(token: InstanceType<typeof tokens.ErrorMessageToken>): void {
    super.onErrorMessage(token);
    if (this.serverError && this.serverError.number !== 18456) return;
    const { number, state, class: severity, message, serverName } = token;
    this.serverError = { number, state, class: severity, message, serverName };
  }
}

const steps: Readonly<Record<string, LoginStep>> = {
  SentPrelogin: 'prelogin',
  SentTLSSSLNegotiation: 'tls',
  SentLogin7WithStandardLogin: 'login',
  LoggedInSendingInitialSql: 'session',
};

export abstract class SeamedConnection extends TediousConnection {
  /** The host and port connected to last. */
  protected target: LoginTarget | undefined;
  #obtaining: Promise<Buffer> | undefined;
  #initialToken: Buffer | undefined;
  #waitingForToken = false;

  /** The token for LOGIN7. */
  protected abstract beginLogin(target: LoginTarget, signal: AbortSignal): Promise<Buffer>;
  /** Takes a token of the server, returns the answer. */
  protected abstract continueLogin(serverToken: Buffer, signal: AbortSignal): Promise<Buffer | undefined>;
  /** Called when the server has accepted the login; throws to refuse the server. */
  protected abstract acceptLogin(): void;
  /** What to throw for an ERROR token of the server. */
  protected abstract explainServer(token: ServerErrorToken): Error;
  /** What to throw for anything that goes wrong while connecting. */
  protected abstract explain(error: unknown): Error;

  /** How far the login has come, or came before it failed. */
  get step(): LoginStep {
    return this.#waitingForToken ? 'ticket' : (steps[this.state.name] ?? 'connect');
  }

  /** Logged in, and no request under way. */
  get idle(): boolean {
    return this.state === this.STATE.LOGGED_IN && this.request === undefined;
  }

  /** Closed or lost: no request can be made any more. */
  get ended(): boolean {
    return this.closed || this.state === this.STATE.FINAL;
  }

  /** How long a request may take, in milliseconds; `Infinity` for no limit. */
  get requestLimit(): number {
    return this.config.options.requestTimeout || Number.POSITIVE_INFINITY;
  }

  /** The host and port connected to, for messages. */
  get peer(): string {
    const { host, port } = this.target ?? { host: this.config.server, port: this.config.options.port };
    return port === undefined ? host : `${host}:${port}`;
  }

  override async initialiseConnection(): Promise<void> {
    try {
      await super.initialiseConnection();
    } catch (error) {
      throw this.explain(error);
    }
  }

  /** The first place that knows host and port. The token is obtained while TCP and TLS get ready. */
  override connectOnPort(
    ...[port, multiSubnetFailover, signal, connector]: Parameters<TediousConnection['connectOnPort']>
  ): ReturnType<TediousConnection['connectOnPort']> {
    this.#waitingForToken = false;
    this.target = {
      host: this.routingData?.server ?? this.config.server,
      port: this.routingData?.port ?? port,
    };
    this.#obtaining = this.beginLogin(this.target, signal);
    this.#obtaining.catch(() => {}); // told when it is waited for
    return super.connectOnPort(port, multiSubnetFailover, signal, connector);
  }

  /** The last step before LOGIN7 that may wait. */
  override async performTlsNegotiation(
    ...[prelogin, signal]: Parameters<TediousConnection['performTlsNegotiation']>
  ): Promise<void> {
    await super.performTlsNegotiation(prelogin, signal);
    this.#waitingForToken = true;
    this.#initialToken = await unlessAborted(signal, this.#obtaining as Promise<Buffer>);
    this.#waitingForToken = false;
  }

  /** As tedious does it, with an SSPI token in place of user name and password. */
  override sendLogin7Packet(): void {
    const { options } = this.config;
    const payload = new Login7Payload({
      tdsVersion: tdsVersions.versions[options.tdsVersion] as number,
      packetSize: options.packetSize,
      clientProgVer: 0,
      clientPid: process.pid,
      connectionId: 0,
      clientTimeZone: new Date().getTimezoneOffset(),
      clientLcid: 0x00000409,
    });
    payload.sspi = Buffer.alloc(0); // marks the login as integrated; the token itself is put in below
    payload.hostname = options.workstationId || hostname();
    payload.serverName = this.routingData
      ? [this.routingData.server, this.routingData.instance].filter(Boolean).join('\\')
      : this.config.server;
    payload.appName = options.appName || 'Tedious';
    payload.libraryName = library.name;
    payload.language = options.language;
    payload.database = options.database;
    payload.clientId = Buffer.from([1, 2, 3, 4, 5, 6]);
    payload.readOnlyIntent = options.readOnlyIntent;
    payload.initDbFatal = !options.fallbackToDefaultDb;
    const message = insertSspiToken(payload.toBuffer(), this.#initialToken as Buffer);
    this.routingData = undefined;
    this.#initialToken = undefined;
    this.messageIo.sendMessage(packet.TYPE.LOGIN7 as number, message);
    this.debug.payload(() => payload.toString('  '));
  }

  override async performSentLogin7WithStandardLogin(
    signal: AbortSignal,
  ): ReturnType<TediousConnection['performSentLogin7WithStandardLogin']> {
    while (true) {
      const response = await unlessAborted(signal, this.#readLoginResponse());
      const accepted = response.loginAckReceived;
      if (!accepted && response.serverError) throw this.#serverError(response);
      const answers: Buffer[] = [];
      for (const token of response.serverTokens) {
        const answer = await unlessAborted(signal, this.continueLogin(token, signal));
        if (answer?.length) answers.push(answer);
      }
      if (accepted) {
        this.acceptLogin();
        return response.routingData;
      }
      if (response.loginError) throw response.loginError;
      if (response.serverTokens.length === 0) {
        throw new ConnectionError('The login response neither accepts, refuses nor continues the login.');
      }
      // A server may send its last token in a message of its own: then there is nothing to answer, only to read on.
      for (const answer of answers) this.messageIo.sendMessage(packet.TYPE.NTLMAUTH_PKT as number, answer);
    }
  }

  /** tedious tries a login again for some errors, and knows them by a mark on its own error. */
  #serverError(response: LoginResponse): Error {
    const error = response.loginError;
    const transient = error !== undefined && 'isTransient' in error && error.isTransient === true;
    return transient ? error : this.explainServer(response.serverError as ServerErrorToken);
  }

  async #readLoginResponse(): Promise<LoginResponse> {
    const message = await this.messageIo.readMessage().catch((error: Error) => {
      throw this.wrapSocketError(error);
    });
    const response = new LoginResponse(this);
    const parser = new TokenParser(this.config.options);
    for await (const chunk of message as AsyncIterable<Buffer>) {
      parser.write(chunk);
      for (let token = parser.read(); token !== undefined; token = parser.read()) {
        if (token.handlerName !== 'onSSPI') this.debug.token(token);
        (response[token.handlerName] as (token: unknown) => void)(token);
      }
    }
    parser.end();
    return response;
  }
}
