import { once } from 'node:events';
import type { Socket } from 'node:net';
import { ISOLATION_LEVEL, type Request, type RequestError, Connection as TediousConnection } from 'tedious';
import { after, longestTimer } from './limits.ts';
import { afterReading, type Incoming } from './reading-first.ts';
import { watchAnswer } from './whole-answer.ts';

let sqlOfLogin: string | undefined;

/**
 * Words without which no batch can leave what a reset does not put back, or cannot be reset with: the isolation level, and
 * another security context (`EXECUTE AS`, `SETUSER`, `sp_setapprole`), with which the server ends the connection.
 */
const outlivesReset = /isolation|setuser|approle|\bexec(ute)?\b.*\bas\b/is;

/** tedious' connection with what the pool and queries need to know of its session, and with an end that is heard last. */
export abstract class SessionConnection extends TediousConnection {
  #ending = false;
  #asAfterLogin: boolean | undefined;
  #outlivesReset = false;
  /** The last request that was given up after it had been sent as a whole. */
  #brokenOff: TediousConnection['request'];
  /** The last request, if it asked for a reset of the session. */
  #resetWith: TediousConnection['request'];

  constructor(config: ConstructorParameters<typeof TediousConnection>[0]) {
    super(config);
    const onError = this._onSocketError;
    // Also called for an answer that cannot be read, while the socket is well: then there is nothing to wait for.
    this._onSocketError = (error) =>
      this.socket?.destroyed ? this.#end(() => onError(error)) : onError(error);
  }

  /** Logged in, and no request under way. */
  get idle(): boolean {
    return this.state === this.STATE.LOGGED_IN && this.request === undefined && !this.#ending;
  }

  /** Closed or lost: no request can be made any more. */
  get ended(): boolean {
    return this.#ending || this.closed || this.state === this.STATE.FINAL;
  }

  /** How long a request may take, in milliseconds; `Infinity` for no limit. */
  get requestLimit(): number {
    return this.config.options.requestTimeout || Number.POSITIVE_INFINITY;
  }

  /**
   * Has the session put back to its initial state with the next request, at the price of no round trip
   * ([MS-TDS] 2.2.3.1.2, RESETCONNECTION).
   *
   * @returns false where that is not enough: the options ask for settings beyond those of the login, or what was sent may
   *   have changed what such a reset leaves as it is
   */
  resetOnNextRequest(): boolean {
    sqlOfLogin ??= new TediousConnection({ server: 'localhost' }).getInitialSql();
    this.#asAfterLogin ??= this.getInitialSql() === sqlOfLogin;
    const enough = this.#asAfterLogin && !this.#outlivesReset;
    if (enough) this.resetConnectionOnNextRequest = true;
    return enough;
  }

  /** Puts the session back to its initial state now; false when the server has not done so within the time. */
  async resetWithin(milliseconds: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const stopClock = after(milliseconds, () => resolve(false));
    this.reset((error) => resolve(!error));
    const done = await promise;
    stopClock();
    this.#outlivesReset = false;
    return done;
  }

  /** A time that no timer takes is no limit: tedious would take it for 1 ms. */
  override createRequestTimer(): void {
    if ((this.request?.timeout ?? 0) > longestTimer) this.clearRequestTimer();
    else super.createRequestTimer();
  }

  /**
   * What is given up before it was sent as a whole, the server is told to ignore, the reset of the session with it: then the
   * next request asks for it once more.
   */
  override makeRequest(...parameters: Parameters<TediousConnection['makeRequest']>): void {
    const [request] = parameters;
    if (this.#wasIgnored(this.#resetWith)) this.resetConnectionOnNextRequest = true;
    const reset = this.resetConnectionOnNextRequest;
    super.makeRequest(...parameters);
    if (this.request === request) this.#resetWith = reset ? request : undefined;
  }

  /**
   * Three ends of an answer: two at which tedious' own listeners would end the process, that of one whose connection was
   * closed meanwhile, as they have no request any more; and of one that cannot be read, to a request that was given up
   * before it came, as they read a variable that has no value yet. And that of one that is not whole.
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

  /** Begins when a request is given up; an attention says that it had been sent as a whole. */
  override createCancelTimer(): void {
    if (this.attentionSent) this.#brokenOff = this.request;
    super.createCancelTimer();
  }

  /** Whether the last request was given up before it was sent as a whole: no word of the server, and none to it. */
  #wasIgnored(request: TediousConnection['request']): boolean {
    const { error } = (request ?? {}) as { readonly error?: RequestError | AggregateError };
    if (error === undefined || request === this.#brokenOff) return false;
    return !('errors' in error) && error.number === undefined;
  }

  /** A procedure's settings end with it, but for the one that takes on the role of an application. */
  override callProcedure(request: Request): void {
    this.#outlivesReset ||= outlivesReset.test(String(request.sqlTextOrProcedure));
    super.callProcedure(request);
  }

  /** A batch is the session's own scope, unlike `sp_executesql` and procedures, whose settings end with them. */
  override execSqlBatch(request: Request): void {
    this.#outlivesReset ||= outlivesReset.test(String(request.sqlTextOrProcedure));
    super.execSqlBatch(request);
  }

  /** The isolation level of a transaction stays when it ends. */
  override beginTransaction(...parameters: Parameters<TediousConnection['beginTransaction']>): void {
    const { isolationLevel, connectionIsolationLevel } = this.config.options;
    const [, , level = isolationLevel] = parameters;
    this.#outlivesReset ||= level !== ISOLATION_LEVEL.NO_CHANGE && level !== connectionIsolationLevel;
    super.beginTransaction(...parameters);
  }

  /** Whether the server has ended the connection; waits a little for what may be under way. */
  protected async hungUp(): Promise<boolean> {
    const { socket } = this;
    const ended = () => socket === undefined || socket.readableEnded || socket.destroyed;
    if (!ended()) await once(socket as Socket, 'end', { signal: AbortSignal.timeout(100) }).catch(() => {});
    return ended();
  }

  protected get incoming(): Incoming {
    return this.messageIo as unknown as Incoming;
  }

  /** Whoever was told that the connection is closed gets no more rows of what had arrived. */
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

  /** The end of the socket, after the answer that had arrived before it. */
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
