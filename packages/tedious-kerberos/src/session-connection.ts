import { once } from 'node:events';
import type { Socket } from 'node:net';
import { ISOLATION_LEVEL, type Request, type RequestError, Connection as TediousConnection } from 'tedious';
import { after, longestTimer } from './limits.ts';
import { afterReading, type Incoming } from './reading-first.ts';
import { watchAnswer } from './whole-answer.ts';

let sqlOfLogin: string | undefined;

/**
 * Matches any batch that may change what a RESETCONNECTION does not restore: the isolation level, or the security context
 * (`EXECUTE AS`, `SETUSER`, `sp_setapprole`). The server ends a connection that is reset in another security context.
 */
const outlivesReset = /isolation|setuser|approle|\bexec(ute)?\b.*\bas\b/is;

/** tedious' connection with the session state that pool and queries need. Reports its end after all data that came first. */
export abstract class SessionConnection extends TediousConnection {
  #ending = false;
  #asAfterLogin: boolean | undefined;
  #outlivesReset = false;
  /** The last request that was canceled after it had been sent completely. */
  #brokenOff: TediousConnection['request'];
  /** The last request, if it was sent with a session reset. */
  #resetWith: TediousConnection['request'];

  constructor(config: ConstructorParameters<typeof TediousConnection>[0]) {
    super(config);
    const onError = this._onSocketError;
    // tedious also calls this for an unreadable answer. The socket is still open then, so there is nothing to wait for.
    this._onSocketError = (error) =>
      this.socket?.destroyed ? this.#end(() => onError(error)) : onError(error);
  }

  /** Logged in, with no request in progress. */
  get idle(): boolean {
    return this.state === this.STATE.LOGGED_IN && this.request === undefined && !this.#ending;
  }

  /** Closed or lost, so it can take no more requests. */
  get ended(): boolean {
    return this.#ending || this.closed || this.state === this.STATE.FINAL;
  }

  /** How long a request may take, in milliseconds; `Infinity` for no limit. */
  get requestLimit(): number {
    return this.config.options.requestTimeout || Number.POSITIVE_INFINITY;
  }

  /**
   * Makes the next request reset the session to its initial state, which costs no extra round trip
   * ([MS-TDS] 2.2.3.1.2, RESETCONNECTION).
   *
   * @returns false if that is not enough, because the options set more than the login does, or because a statement may have
   *   changed something that such a reset does not restore
   */
  resetOnNextRequest(): boolean {
    sqlOfLogin ??= new TediousConnection({ server: 'localhost' }).getInitialSql();
    this.#asAfterLogin ??= this.getInitialSql() === sqlOfLogin;
    const enough = this.#asAfterLogin && !this.#outlivesReset;
    if (enough) this.resetConnectionOnNextRequest = true;
    return enough;
  }

  /** Resets the session now. Resolves to false if the server has not done so in time. */
  async resetWithin(milliseconds: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const stopClock = after(milliseconds, () => resolve(false));
    this.reset((error) => resolve(!error));
    const done = await promise;
    stopClock();
    this.#outlivesReset = false;
    return done;
  }

  /** A timeout beyond the range of timers means no limit; with tedious alone it would fire after 1 ms. */
  override createRequestTimer(): void {
    if ((this.request?.timeout ?? 0) > longestTimer) this.clearRequestTimer();
    else super.createRequestTimer();
  }

  /**
   * If a request is canceled before it was sent completely, the server is told to ignore it, along with its session reset.
   * In that case the next request asks for the reset again.
   */
  override makeRequest(...parameters: Parameters<TediousConnection['makeRequest']>): void {
    const [request] = parameters;
    if (this.#wasIgnored(this.#resetWith)) this.resetConnectionOnNextRequest = true;
    const reset = this.resetConnectionOnNextRequest;
    super.makeRequest(...parameters);
    if (this.request === request) this.#resetWith = reset ? request : undefined;
  }

  /**
   * Handles three ways in which an answer can end. In the first two, tedious' own listeners would crash the process:
   *
   * - The connection was closed while the answer was being read: they have no request any more.
   * - The answer to a request that was canceled before it came cannot be read: they read a variable without a value.
   * - The answer is incomplete: tedious would take it for a whole one.
   */
  override createTokenStreamParser(
    ...parameters: Parameters<TediousConnection['createTokenStreamParser']>
  ): ReturnType<TediousConnection['createTokenStreamParser']> {
    const fault = watchAnswer(parameters[1]);
    const parser = super.createTokenStreamParser(...parameters);
    const { emit } = parser;
    const { request } = this;
    const givenUp = this.attentionSent && this.state === this.STATE.SENT_CLIENT_REQUEST;
    parser.emit = (event: string | symbol, ...values: unknown[]) => {
      if (this.closed && request) return true;
      const wrong = event === 'end' ? fault() : undefined;
      if (wrong) return emit.call(parser, 'error', wrong);
      if (event !== 'error' || !givenUp) return emit.call(parser, event, ...values);
      this._onSocketError(values[0] as Error);
      return true;
    };
    return parser;
  }

  /** Called when a request is canceled. If an attention was sent, the request itself had been sent completely. */
  override createCancelTimer(): void {
    if (this.attentionSent) this.#brokenOff = this.request;
    super.createCancelTimer();
  }

  /** Whether the request was canceled before it was sent completely: without an attention or an error from the server. */
  #wasIgnored(request: TediousConnection['request']): boolean {
    const { error } = (request ?? {}) as { readonly error?: RequestError | AggregateError };
    if (error === undefined || request === this.#brokenOff) return false;
    return !('errors' in error) && error.number === undefined;
  }

  /** Settings made in a procedure end with it, except those of `sp_setapprole`. */
  override callProcedure(request: Request): void {
    this.#outlivesReset ||= outlivesReset.test(String(request.sqlTextOrProcedure));
    super.callProcedure(request);
  }

  /** Settings made in a batch stay in the session, unlike those made in `sp_executesql` or a procedure. */
  override execSqlBatch(request: Request): void {
    this.#outlivesReset ||= outlivesReset.test(String(request.sqlTextOrProcedure));
    super.execSqlBatch(request);
  }

  /** The isolation level of a transaction outlasts it. */
  override beginTransaction(...parameters: Parameters<TediousConnection['beginTransaction']>): void {
    const { isolationLevel, connectionIsolationLevel } = this.config.options;
    const [, , level = isolationLevel] = parameters;
    this.#outlivesReset ||= level !== ISOLATION_LEVEL.NO_CHANGE && level !== connectionIsolationLevel;
    super.beginTransaction(...parameters);
  }

  /** Whether the server has ended the connection; waits up to 100 ms for the end to arrive. */
  protected async hungUp(): Promise<boolean> {
    const { socket } = this;
    const ended = () => socket === undefined || socket.readableEnded || socket.destroyed;
    if (!ended()) await once(socket as Socket, 'end', { signal: AbortSignal.timeout(100) }).catch(() => {});
    return ended();
  }

  protected get incoming(): Incoming {
    return this.messageIo as unknown as Incoming;
  }

  /** A request that has been told of the close gets no more rows, even if some had already arrived. */
  override cleanupConnection(): void {
    const { request } = this;
    super.cleanupConnection();
    if (request) request.canceled = true;
  }

  override socketEnd(): void {
    this.#end(() => super.socketEnd());
  }

  override socketClose(): void {
    this.#end(() => super.socketClose());
  }

  /** Handles the end of the socket once the answer that had arrived before it is read. */
  #end(then: () => void): void {
    this.#ending = true;
    const paused = () => {
      const request = this.request as Request | undefined;
      return request?.paused ? new Promise((resolve) => request.once('resume', resolve)) : undefined;
    };
    if (this.request) afterReading(this.incoming, then, paused);
    else then();
  }
}
