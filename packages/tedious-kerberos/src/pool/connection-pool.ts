import { setImmediate as nextTurn } from 'node:timers/promises';
import { Connection } from '../connection.ts';
import { watchCredentialCache } from '../credential-cache/watch-credential-cache.ts';
import { LoginError } from '../errors/login-error.ts';
import { assertKnown, assertObject, assertSignal } from '../known-settings.ts';
import { after } from '../limits.ts';
import type { ParameterValue } from '../parameters/parameter-value.ts';
import { type QueryOptions, type QueryResult, query } from '../query.ts';
import { connectWithNextTicket } from './connect-with-next-ticket.ts';
import type { AcquireOptions, Pool, PoolStatus } from './create-pool.ts';
import { PoolError } from './pool-error.ts';
import { checkedDrainLimit, type PoolSettings } from './pool-options.ts';
import { PooledConnection } from './pooled-connection.ts';
import { canceled, WaitingCallers } from './waiting-callers.ts';

/** Default time limit of a drain, in milliseconds. */
const drainLimit = 30_000;

/** Hands out the most recently used connection first, and opens more when callers are waiting. */
export class ConnectionPool implements Pool {
  readonly #settings: PoolSettings;
  readonly #closing = new AbortController();
  readonly #waiting = new WaitingCallers<PooledConnection>();
  readonly #open = new Set<PooledConnection>();
  /** In order of use; the most recently used connection is last. */
  readonly #idle: PooledConnection[] = [];
  #used = 0;
  #validating = 0;
  #connecting = 0;
  /** When a connection last proved broken. Connections not used since then are tested before they are handed out. */
  #doubtedAt = 0;
  #reaper: NodeJS.Timeout | undefined;
  #state: PoolStatus['state'] = 'open';
  #lastLoginError: PoolStatus['lastLoginError'];
  #drained: Promise<void> | undefined;
  #onQuiet: (() => void) | undefined;

  constructor(settings: PoolSettings) {
    this.#settings = settings;
    new Connection(settings.connection); // throws on a wrong option now rather than at the first query
  }

  query<Row>(
    sql: string,
    parameters?: Readonly<Record<string, ParameterValue>>,
    options: QueryOptions = {},
  ): Promise<QueryResult<Row>> {
    return this.#lend(options, (connection) => query<Row>(connection, sql, parameters, options));
  }

  async withConnection<T>(use: (connection: Connection) => Promise<T> | T, options: AcquireOptions = {}) {
    assertAcquireOptions('withConnection()', options);
    return this.#lend(options, use);
  }

  async warm(options: AcquireOptions = {}): Promise<void> {
    assertAcquireOptions('warm()', options);
    const count = Math.max(1, this.#settings.min);
    const acquired = await Promise.allSettled(
      Array.from({ length: count }, async () => this.#acquire(options)),
    );
    for (const result of acquired) if (result.status === 'fulfilled') this.#giveBack(result.value);
    const failed = acquired.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  status(): PoolStatus {
    return {
      state: this.#state,
      max: this.#settings.max,
      used: this.#used,
      free: this.#idle.length + this.#validating,
      connecting: this.#connecting,
      waiting: this.#waiting.count,
      lastLoginError: this.#lastLoginError,
    };
  }

  drain(options: { readonly timeoutMilliseconds?: number } = {}): Promise<void> {
    assertObject('The options of drain()', options);
    assertKnown('drain()', options, ['timeoutMilliseconds']);
    const { timeoutMilliseconds } = options;
    const limit = timeoutMilliseconds === undefined ? undefined : checkedDrainLimit(timeoutMilliseconds);
    const before = this.#drained;
    this.#drained ??= this.#drain();
    if (limit !== undefined || !before) {
      const stopClock = after(limit ?? drainLimit, () => this.#onQuiet?.());
      void this.#drained.then(stopClock);
    }
    return this.#drained;
  }

  async #lend<T>(options: AcquireOptions, use: (connection: Connection) => Promise<T> | T): Promise<T> {
    const resource = await this.#acquire(options);
    try {
      return await use(resource.connection);
    } finally {
      this.#release(resource);
    }
  }

  /** Not async, so that taking a ready connection does not cost a turn of the event loop. */
  #acquire({ signal }: AcquireOptions): PooledConnection | Promise<PooledConnection> {
    const { max, maxWaiting, acquireTimeoutMilliseconds } = this.#settings;
    if (this.#state !== 'open') throw new PoolError('POOL_CLOSED', 'The connection pool is closed.');
    assertSignal(signal);
    if (signal?.aborted) throw canceled(signal);
    const ready = this.#waiting.count === 0 ? this.#ready() : undefined;
    if (ready) {
      this.#used += 1;
      return ready;
    }
    const queue = this.#waiting.count - (max - this.#used);
    if (queue >= maxWaiting) {
      throw new PoolError(
        'POOL_QUEUE_FULL',
        `All ${max} connections are busy and ${maxWaiting} callers are waiting.`,
      );
    }
    const turn = this.#waiting.join(acquireTimeoutMilliseconds, signal, () => this.#settle());
    this.#prepare();
    return turn;
  }

  /** An idle connection that can be handed out without a test. */
  #ready(): PooledConnection | undefined {
    for (let index = this.#idle.length - 1; index >= 0; index -= 1) {
      const resource = this.#idle[index] as PooledConnection;
      if (!resource.usable || resource.olderThan(this.#settings.maxAgeMilliseconds)) this.#discard(resource);
      else if (!this.#doubtful(resource)) {
        this.#idle.splice(index, 1);
        return resource;
      }
    }
    return undefined;
  }

  #doubtful(resource: PooledConnection): boolean {
    return resource.usedAt <= this.#doubtedAt || resource.unusedFor(this.#settings.validateAfterMilliseconds);
  }

  /** Tests or opens a connection for each waiting caller, as far as "max" allows. */
  #prepare(): void {
    for (let ready = this.#next(); ready; ready = this.#next()) this.#serve(ready);
    while (this.#validating + this.#connecting < this.#waiting.count) {
      const doubtful = this.#idle.pop();
      if (doubtful) void this.#validate(doubtful);
      else if (this.#open.size + this.#connecting < this.#settings.max) void this.#connect();
      else return;
    }
  }

  #next(): PooledConnection | undefined {
    return this.#waiting.count > 0 ? this.#ready() : undefined;
  }

  #serve(resource: PooledConnection): void {
    if (this.#waiting.count === 0) {
      this.#idle.push(resource);
      this.#reap();
      return;
    }
    this.#used += 1;
    this.#waiting.serveNext(resource);
  }

  async #validate(resource: PooledConnection): Promise<void> {
    this.#validating += 1;
    const since = performance.now();
    const well = await resource.answers(this.#settings.validateTimeoutMilliseconds);
    this.#validating -= 1;
    if (well) this.#serve(resource);
    else {
      this.#discard(resource);
      // Silently lost, as in a failover. Other connections not used since are probably lost too; do not wait for each.
      for (const other of [...this.#idle]) if (other.usedAt < since) this.#discard(other);
    }
    this.#prepare();
    this.#settle();
  }

  async #connect(): Promise<void> {
    this.#connecting += 1;
    try {
      const resource = await this.#login();
      this.#lastLoginError = undefined;
      this.#open.add(resource);
      resource.onBroken = () => this.#forget(resource);
      this.#connecting -= 1;
      if (this.#closing.signal.aborted) this.#discard(resource);
      else this.#serve(resource);
    } catch (error) {
      this.#connecting -= 1;
      if (error instanceof LoginError) this.#lastLoginError = { error, at: new Date() };
      this.#waiting.refuseNext(error);
    }
    this.#prepare();
    this.#settle();
  }

  async #login(): Promise<PooledConnection> {
    const { connection, acquireTimeoutMilliseconds, waitForNextTicket } = this.#settings;
    const limit = new AbortController();
    // Ends shortly before the caller's own time limit, so that the caller gets the reason of the failed login.
    const stopClock = after(acquireTimeoutMilliseconds * 0.95, () =>
      limit.abort(new DOMException('The time limit of the pool has passed.', 'TimeoutError')),
    );
    const signal = AbortSignal.any([limit.signal, this.#closing.signal]);
    const cache = waitForNextTicket ? watchCredentialCache(connection.authenticator) : undefined;
    try {
      return await connectWithNextTicket(
        (within) => PooledConnection.open(connection, within),
        cache,
        signal,
      );
    } finally {
      stopClock();
    }
  }

  /** Cleans up in the background; only the next caller may have to wait for it. */
  #release(resource: PooledConnection): void {
    const { resetAfterUse, validateTimeoutMilliseconds } = this.#settings;
    if (!resource.usable) this.#doubtedAt = performance.now();
    const tidied = resource.tidy(resetAfterUse, validateTimeoutMilliseconds);
    if (tidied) void tidied.then(() => this.#giveBack(resource));
    else this.#giveBack(resource);
  }

  #giveBack(resource: PooledConnection): void {
    this.#used -= 1;
    if (!resource.usable) this.#discard(resource);
    else if (this.#waiting.count > 0 && resource.olderThan(this.#settings.maxAgeMilliseconds)) {
      this.#discard(resource);
    } else this.#serve(resource);
    if (this.#waiting.count > 0) this.#prepare();
    if (this.#onQuiet) this.#settle();
  }

  #discard(resource: PooledConnection): void {
    resource.close();
    this.#forget(resource);
  }

  #forget(resource: PooledConnection): void {
    this.#open.delete(resource);
    const index = this.#idle.indexOf(resource);
    if (index >= 0) this.#idle.splice(index, 1);
  }

  /** Closes connections that have been idle for too long, down to "min"; repeats while any are idle. */
  #reap(): void {
    const { min, idleTimeoutMilliseconds } = this.#settings;
    if (this.#reaper || idleTimeoutMilliseconds === Number.POSITIVE_INFINITY) return;
    if (this.#open.size <= min) return;
    this.#reaper = setTimeout(
      () => {
        this.#reaper = undefined;
        for (const resource of [...this.#idle]) {
          if (this.#open.size > min && resource.unusedFor(idleTimeoutMilliseconds)) this.#discard(resource);
        }
        if (this.#idle.length > 0) this.#reap();
      },
      Math.min(1000, idleTimeoutMilliseconds),
    ).unref();
  }

  async #drain(): Promise<void> {
    this.#state = 'draining';
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onQuiet = resolve;
    this.#settle();
    await promise;
    clearTimeout(this.#reaper);
    this.#state = 'closed';
    this.#closing.abort();
    this.#waiting.refuseAll(() => new PoolError('POOL_CLOSED', 'The connection pool was closed.'));
    for (const resource of [...this.#open]) this.#discard(resource);
    while (this.#connecting + this.#validating > 0) await nextTurn();
  }

  /** Resolves a drain once no caller has or awaits a connection. */
  #settle(): void {
    if (this.#onQuiet && this.#used + this.#waiting.count === 0) this.#onQuiet();
  }
}

/** @throws TypeError for an option that would have no effect, such as a time limit */
function assertAcquireOptions(what: string, options: AcquireOptions): void {
  assertObject(`The options of ${what}`, options);
  const remedy = 'How long a caller waits is the "acquireTimeoutMilliseconds" of the pool.';
  assertKnown(what, options, ['signal'], remedy);
}
