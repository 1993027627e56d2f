/**
 * Overrides internals of tedious' connection that are not part of its public interface. (`parameters` refines the parameter
 * types; `login-response.ts` reads login responses.) Written against tedious 20.3.9; `tedious-seams.test.ts` fails with an
 * explanation when an upgrade moves one of these internals.
 *
 * tedious connects in this order: `connectOnPort` → PRELOGIN → `performTlsNegotiation` → `sendLogin7Packet` →
 * `performSentLogin7WithStandardLogin` → (after routing, all of this again) → initial SQL. We hook into these steps and
 * leave the rest to tedious.
 */
import './seen-by-instrumentations.ts';
import type { Socket } from 'node:net';
import { hostname } from 'node:os';
import { TLSSocket } from 'node:tls';
import { ConnectionError, type Connection as TediousConnection } from 'tedious';
import { instanceLookup } from 'tedious/lib/instance-lookup.js';
import library from 'tedious/lib/library.js';
import login7Payload from 'tedious/lib/login7-payload.js';
import packet from 'tedious/lib/packet.js';
import tdsVersions from 'tedious/lib/tds-versions.js';
import type { Channel, LoginTarget } from './authenticator.ts';
import { hearRefusals } from './early-refusal.ts';
import type { LoginStep, ServerErrorToken } from './errors/login-error.ts';
import { foreignProtocol } from './foreign-protocol.ts';
import { insertSspiToken } from './insert-sspi-token.ts';
import { LoginResponse } from './login-response.ts';
import { afterReadingSignal, type Busy, hurrySignal, type Incoming } from './reading-first.ts';
import { SessionConnection } from './session-connection.ts';
import { unlessAborted } from './unless-aborted.ts';

// The module is a function at run time, though its types say it has a default export.
const Login7Payload = login7Payload as unknown as typeof login7Payload.default;

/**
 * The fODBC flag in LOGIN7 ([MS-TDS] 2.2.6.4): the session starts with the ANSI settings that tedious sets in its initial
 * SQL, so a session reset restores them too.
 */
const optionFlags2 = 25;
const odbc = 0x02;

/** How long to wait for the server's error after a token that refuses the login, in milliseconds. */
const serversWordsLimit = 1000;

const steps: Readonly<Record<string, LoginStep>> = {
  SentPrelogin: 'prelogin',
  SentTLSSSLNegotiation: 'tls',
  SentLogin7WithStandardLogin: 'login',
  LoggedInSendingInitialSql: 'session',
};

/** Blames the server when its bytes cannot be parsed, whatever class of error the parser threw. */
function unreadable(cause: Error): never {
  throw cause instanceof ConnectionError ? cause : asServersFault(cause);
}

/** As {@link unreadable}, but for code that does more than parse: a read past the end of a message is the server's fault. */
function unreadableIfOutside(error: unknown): never {
  throw error instanceof RangeError ? asServersFault(error) : error;
}

function asServersFault(cause: Error): ConnectionError {
  return new ConnectionError(cause.message, 'EPROTOCOL', { cause });
}

export abstract class SeamedConnection extends SessionConnection {
  /** The host and port of the latest attempt. */
  protected target: LoginTarget | undefined;
  #obtaining: Promise<Buffer> | undefined;
  #tellChannel: (socket: TLSSocket | undefined) => void = () => {};
  #initialToken: Buffer | undefined;
  #waitingForToken = false;
  /** Whether the TLS handshake of TDS 8 (`encrypt: 'strict'`) has begun; stays true if it fails. */
  #wrapping = false;
  #stepping: Promise<unknown> | undefined;
  /** When the attempt to connect began, as read from `performance.now()`. */
  #began = 0;
  #response: LoginResponse | undefined;
  /** Aborted when the attempt to connect is over. */
  #over = new AbortController();

  /** Returns the token for LOGIN7. */
  protected abstract beginLogin(target: LoginTarget, signal: AbortSignal, channel: Channel): Promise<Buffer>;
  /** Takes a token from the server; returns the answer, if there is one. */
  protected abstract continueLogin(serverToken: Buffer, signal: AbortSignal): Promise<Buffer | undefined>;
  /** The error for a token with which the server refuses the login; undefined for any other token. */
  protected abstract refusalIn(serverToken: Buffer): Error | undefined;
  /** Adds the server's ERROR token to the error of a refused login. */
  protected abstract refusedWith(refusal: Error, token: ServerErrorToken): Error;
  /** Called when the server has accepted the login; throws to refuse the server. */
  protected abstract acceptLogin(): void;
  /** The error to throw for an ERROR token from the server. */
  protected abstract explainServer(token: ServerErrorToken): Error;
  /** The error to throw for any other failure while connecting. */
  protected abstract explain(error: unknown): Error;

  /** The step the login has reached, or in which it failed. */
  get step(): LoginStep {
    if (this.#waitingForToken) return 'ticket';
    return steps[this.state.name] ?? (this.#wrapping ? 'tls' : 'connect');
  }

  /** Host and port of the server, for messages. */
  get peer(): string {
    const { host, port } = this.target ?? { host: this.config.server, port: this.config.options.port };
    return port === undefined ? host : `${host}:${port}`;
  }

  override async initialiseConnection(): Promise<void> {
    let unexpected: Error | undefined;
    const onError = (error: Error) => {
      unexpected ??= error;
    };
    this.on('error', onError);
    // Routing and tedious' retries start nested attempts, which end with this one.
    const over = new AbortController();
    this.#over = over;
    try {
      const { instanceName, port } = this.config.options;
      if (instanceName && !port) await this.#findPort(instanceName);
      this.#began = performance.now();
      await super.initialiseConnection();
    } catch (error) {
      // On an unexpected token, tedious closes the connection and reports ECLOSE, as if we had closed it.
      const closed = error instanceof ConnectionError && error.code === 'ECLOSE';
      const explained = this.explain(closed && unexpected ? asServersFault(unexpected) : error);
      // Releases anything that still waits, such as an authenticator waiting for the channel.
      this.closeController?.abort(explained);
      throw explained;
    } finally {
      this.removeListener('error', onError);
      over.abort();
    }
  }

  /**
   * Asks SQL Server Browser for the port of a named instance. tedious would spend the whole connect timeout on a silent
   * Browser and then report only a timeout. We spend at most a part of it and report that the instance was not found.
   */
  async #findPort(instanceName: string): Promise<void> {
    const { options, server } = this.config;
    const start = performance.now();
    const timeout = Math.min(1000, Math.ceil(options.connectTimeout / 4));
    const signal = this.closeController?.signal as AbortSignal;
    try {
      options.port = await instanceLookup({ server, instanceName, timeout, retries: 1, signal });
    } catch (cause) {
      signal.throwIfAborted();
      throw new ConnectionError((cause as Error).message, 'EINSTLOOKUP', { cause });
    }
    options.connectTimeout = Math.max(1, options.connectTimeout - (performance.now() - start));
  }

  /** Host and port are known from here on, so the token is obtained while TCP and TLS are set up. */
  override connectOnPort(
    ...[port, multiSubnetFailover, signal, connector]: Parameters<TediousConnection['connectOnPort']>
  ): ReturnType<TediousConnection['connectOnPort']> {
    this.#waitingForToken = false;
    this.#wrapping = false;
    this.target = {
      host: this.routingData?.server ?? this.config.server,
      port: this.routingData?.port ?? port,
    };
    const channel: Channel = new Promise((resolve) => {
      this.#tellChannel = resolve;
    });
    this.#obtaining = this.beginLogin(this.target, signal, channel);
    this.#obtaining.catch(() => {}); // the error is reported when the promise is awaited
    return super.connectOnPort(port, multiSubnetFailover, signal, connector);
  }

  override wrapWithTls(
    ...parameters: Parameters<TediousConnection['wrapWithTls']>
  ): ReturnType<TediousConnection['wrapWithTls']> {
    this.#wrapping = true;
    return super.wrapWithTls(...parameters);
  }

  override async readPreloginResponse(
    signal: AbortSignal,
  ): ReturnType<TediousConnection['readPreloginResponse']> {
    const foreign = foreignProtocol(this.socket as Socket);
    try {
      return await this.#hearing(signal, (patient) =>
        Promise.race([
          super.readPreloginResponse(patient).catch(unreadableIfOutside),
          foreign.found.then((words) => unreadable(new Error(words))),
        ]),
      );
    } finally {
      foreign.stop();
    }
  }

  /** A signal that leaves time to read what has already arrived, within the connect timeout. */
  #patient(signal: AbortSignal, incoming: Incoming, busy?: Busy): AbortSignal {
    const hurrying = () => {
      const left = this.config.options.connectTimeout - (performance.now() - this.#began);
      return hurrySignal(left, this.closeController?.signal as AbortSignal, this.#over.signal);
    };
    return afterReadingSignal(signal, this.#over.signal, incoming, hurrying, busy);
  }

  /** The last asynchronous step before LOGIN7, so this is where we wait for the token. */
  override async performTlsNegotiation(
    ...[prelogin, signal]: Parameters<TediousConnection['performTlsNegotiation']>
  ): Promise<void> {
    await this.#hearing(signal, (patient) => super.performTlsNegotiation(prelogin, patient));
    this.#tellChannel(this.#tlsSocket);
    this.#waitingForToken = true;
    const token = unlessAborted(signal, this.#obtaining as Promise<Buffer>);
    this.#initialToken = await token.catch(async (error) => {
      throw await this.#lastWords(error, signal);
    });
    this.#waitingForToken = false;
  }

  /** Runs a step that precedes LOGIN7. If the server answers it with an error, throws that error. */
  async #hearing<T>(signal: AbortSignal, step: (patient: AbortSignal) => Promise<T>): Promise<T> {
    const { incomingMessageStream } = this.incoming;
    this.#response = undefined;
    const stop = hearRefusals(this.messageIo, () => this.#beginResponse());
    const patient = this.#patient(signal, { incomingMessageStream });
    try {
      // After giving up on an answer, tedious itself would wait for the rest of it without a limit.
      return await unlessAborted(patient, step(patient));
    } catch (error) {
      throw this.#refusedEarly ?? error;
    } finally {
      stop();
    }
  }

  /** If the server hung up while we were waiting for the ticket, returns the error that it sent before. */
  async #lastWords(error: unknown, signal: AbortSignal): Promise<unknown> {
    if (!(error instanceof ConnectionError && error.code === 'ESOCKET')) return error;
    this.#response = undefined;
    const patient = this.#patient(signal, this.incoming);
    await unlessAborted(patient, this.#readLoginResponse()).catch(() => {});
    return this.#refusedEarly ?? error;
  }

  get #refusedEarly(): Error | undefined {
    const { serverError } = this.#response ?? {};
    return serverError && this.explainServer(serverError);
  }

  /** TLS runs inside TDS or, with `encrypt: 'strict'`, around it. */
  get #tlsSocket(): TLSSocket | undefined {
    const { securePair } = this.messageIo;
    if (securePair) return securePair.cleartext;
    return this.socket instanceof TLSSocket ? this.socket : undefined;
  }

  /** As in tedious, but with an SSPI token in place of user name and password. */
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
    const login7 = payload.toBuffer();
    login7.writeUInt8(login7.readUInt8(optionFlags2) | odbc, optionFlags2);
    const message = insertSspiToken(login7, this.#initialToken as Buffer);
    this.routingData = undefined;
    this.#initialToken = undefined;
    this.messageIo.sendMessage(packet.TYPE.LOGIN7 as number, message);
    this.debug.payload(() => payload.toString('  '));
  }

  override async performSentLogin7WithStandardLogin(
    signal: AbortSignal,
  ): ReturnType<TediousConnection['performSentLogin7WithStandardLogin']> {
    const patient = this.#patient(signal, this.incoming, () => this.#stepping);
    try {
      return await this.#exchangeTokens(patient);
    } catch (error) {
      // If we gave up in the middle of an answer, report the error that it had already brought.
      const unfinished = patient.aborted && error === patient.reason ? this.#response : undefined;
      throw (unfinished && this.#refusal(unfinished)) ?? error;
    }
  }

  async #exchangeTokens(
    signal: AbortSignal,
  ): ReturnType<TediousConnection['performSentLogin7WithStandardLogin']> {
    while (true) {
      const response = await unlessAborted(signal, this.#readLoginResponse());
      const accepted = response.loginAckReceived;
      if (!accepted && response.serverError) throw this.#refusal(response);
      const answers: Buffer[] = [];
      for (const token of response.serverTokens) {
        const answer = await unlessAborted(signal, this.#takeToken(token, accepted, signal));
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
      // A server may send its last token in a separate message. It needs no answer; read the next message.
      for (const answer of answers) this.messageIo.sendMessage(packet.TYPE.NTLMAUTH_PKT as number, answer);
    }
  }

  async #takeToken(token: Buffer, accepted: boolean, signal: AbortSignal): Promise<Buffer | undefined> {
    const refusal = accepted ? undefined : this.refusalIn(token);
    if (refusal) throw await this.#withServersWords(refusal, signal);
    const step = this.continueLogin(token, signal);
    this.#stepping = step.catch(() => {});
    try {
      return await step;
    } finally {
      this.#stepping = undefined;
    }
  }

  /** A server that refuses with a token usually sends an ERROR token with the reason right after it. */
  async #withServersWords(refusal: Error, signal: AbortSignal): Promise<Error> {
    const wait = AbortSignal.any([signal, AbortSignal.timeout(serversWordsLimit)]);
    const said = (response: LoginResponse | undefined) => {
      const { serverError } = response ?? {};
      return serverError ? this.refusedWith(refusal, serverError) : refusal;
    };
    try {
      return said(await unlessAborted(wait, this.#readLoginResponse()));
    } catch {
      return said(this.#response);
    }
  }

  /** Reports the server's error if it accepts the login but ends the session before the first statement. */
  override async performLoggedInSendingInitialSql(signal: AbortSignal): Promise<void> {
    let said: ServerErrorToken | undefined;
    const onError = (token: ServerErrorToken) => {
      said ??= token;
    };
    this.on('errorMessage', onError);
    try {
      await super
        .performLoggedInSendingInitialSql(this.#patient(signal, this.incoming))
        .catch(unreadableIfOutside);
      if (said && (await this.hungUp())) throw said;
    } catch (error) {
      const lost = error instanceof ConnectionError && error.code === 'ESOCKET';
      const last = said ?? (lost ? this.#response?.serverError : undefined);
      throw last ? this.explainServer(last) : error;
    } finally {
      this.removeListener('errorMessage', onError);
    }
  }

  /** The error for a response that refuses the login with an ERROR token, an SSPI token or both. */
  #refusal({ loginError, loginAckReceived, serverError, serverTokens }: LoginResponse): Error | undefined {
    // tedious retries the login after transient errors, which it recognises by a mark on its own error object.
    if (loginError && 'isTransient' in loginError && loginError.isTransient === true) return loginError;
    const [byToken] = loginAckReceived ? [] : serverTokens.flatMap((token) => this.refusalIn(token) ?? []);
    if (!serverError) return byToken;
    return byToken ? this.refusedWith(byToken, serverError) : this.explainServer(serverError);
  }

  async #readLoginResponse(): Promise<LoginResponse> {
    const message = await this.messageIo.readMessage().catch((error: Error) => {
      throw this.wrapSocketError(error);
    });
    const response = this.#beginResponse();
    await response.read(message as AsyncIterable<Buffer>).catch(unreadable);
    return response;
  }

  #beginResponse(): LoginResponse {
    const response = new LoginResponse(this);
    this.#response = response;
    return response;
  }
}
