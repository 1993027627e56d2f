import { Pool as TarnPool, TimeoutError } from 'tarn';
import { Connection } from '../connection.ts';
import { watchCredentialCache } from '../credential-cache/watch-credential-cache.ts';
import { LoginError } from '../errors/login-error.ts';
import type { ParameterValue } from '../parameters/parameter-value.ts';
import { type QueryOptions, type QueryResult, query } from '../query.ts';
import { connectWithNextTicket } from './connect-with-next-ticket.ts';
import type { AcquireOptions, Pool, PoolStatus } from './create-pool.ts';
import { PoolError } from './pool-error.ts';
import type { PoolSettings } from './pool-options.ts';
import { PooledConnection } from './pooled-connection.ts';

/** The pool on tarn: tarn counts and queues, this decides what is a good connection. */
export class ConnectionPool implements Pool {
  readonly #settings: PoolSettings;
  readonly #tarn: TarnPool<PooledConnection>;
  readonly #closing = new AbortController();
  readonly #open = new Set<PooledConnection>();
  #state: PoolStatus['state'] = 'open';
  #lastLoginError: PoolStatus['lastLoginError'];
  #drained: Promise<void> | undefined;
  #onQuiet: (() => void) | undefined;

  constructor(settings: PoolSettings) {
    this.#settings = settings;
    new Connection(settings.connection); // a wrong option is told now, not at the first query
    const patience = settings.acquireTimeoutMilliseconds;
    this.#tarn = new TarnPool<PooledConnection>({
      min: settings.min,
      max: settings.max,
      acquireTimeoutMillis: patience,
      createTimeoutMillis: patience * 2,
      idleTimeoutMillis: settings.idleTimeoutMilliseconds,
      reapIntervalMillis: Math.min(1000, settings.idleTimeoutMilliseconds),
      propagateCreateError: true,
      create: () => this.#login(),
      // tarn awaits the answer, though its type does not say so
      validate: (resource) => this.#validate(resource) as boolean,
      destroy: (resource) => {
        this.#open.delete(resource);
        resource.close();
      },
    });
  }

  query<Row>(
    sql: string,
    parameters?: Readonly<Record<string, ParameterValue>>,
    options: QueryOptions = {},
  ): Promise<QueryResult<Row>> {
    return this.#lend(false, options, (connection) => query<Row>(connection, sql, parameters, options));
  }

  withConnection<T>(use: (connection: Connection) => Promise<T> | T, options: AcquireOptions = {}) {
    return this.#lend(this.#settings.resetAfterUse, options, use);
  }

  async warm(options: AcquireOptions = {}): Promise<void> {
    const count = Math.max(1, this.#settings.min);
    const acquired = await Promise.allSettled(Array.from({ length: count }, () => this.#acquire(options)));
    for (const result of acquired) if (result.status === 'fulfilled') this.#release(result.value);
    const failed = acquired.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  status(): PoolStatus {
    return {
      state: this.#state,
      max: this.#settings.max,
      used: this.#tarn.numUsed(),
      free: this.#tarn.numFree(),
      connecting: this.#tarn.numPendingCreates(),
      waiting: this.#tarn.numPendingAcquires(),
      lastLoginError: this.#lastLoginError,
    };
  }

  drain({ timeoutMilliseconds = 30_000 } = {}): Promise<void> {
    this.#drained ??= this.#drain(timeoutMilliseconds);
    return this.#drained;
  }

  async #lend<T>(
    reset: boolean,
    options: AcquireOptions,
    use: (connection: Connection) => Promise<T> | T,
  ): Promise<T> {
    const resource = await this.#acquire(options);
    try {
      return await use(resource.connection);
    } finally {
      // The caller has its answer; only the next one waits until the connection is tidy.
      const tidied = resource.tidy(reset);
      if (tidied) tidied.finally(() => this.#release(resource));
      else this.#release(resource);
    }
  }

  async #acquire({ signal }: AcquireOptions): Promise<PooledConnection> {
    const { max, maxWaiting, acquireTimeoutMilliseconds } = this.#settings;
    if (this.#state !== 'open') throw new PoolError('POOL_CLOSED', 'The connection pool is closed.');
    if (signal?.aborted) throw canceled(signal);
    const queue = this.#tarn.numPendingAcquires() - (max - this.#tarn.numUsed());
    if (queue >= maxWaiting) {
      throw new PoolError(
        'POOL_QUEUE_FULL',
        `All ${max} connections are busy and ${maxWaiting} callers wait.`,
      );
    }
    const pending = this.#tarn.acquire();
    const onAbort = () => pending.abort();
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await pending.promise;
    } catch (error) {
      if (signal?.aborted) throw canceled(signal);
      if (this.#closing.signal.aborted) {
        throw new PoolError('POOL_CLOSED', 'The connection pool was closed.', { cause: error });
      }
      if (!(error instanceof TimeoutError)) throw error;
      throw new PoolError('POOL_TIMEOUT', `No connection became free in ${acquireTimeoutMilliseconds} ms.`);
    } finally {
      signal?.removeEventListener('abort', onAbort);
      this.#settle();
    }
  }

  #release(resource: PooledConnection): void {
    this.#tarn.release(resource);
    this.#settle();
  }

  async #login(): Promise<PooledConnection> {
    const { connection, acquireTimeoutMilliseconds, waitForNextTicket } = this.#settings;
    // Ends shortly before the caller's own time limit, so that the caller learns why there is no connection.
    const limit = AbortSignal.timeout(Math.ceil(acquireTimeoutMilliseconds * 0.95));
    const signal = AbortSignal.any([limit, this.#closing.signal]);
    const cache = waitForNextTicket ? watchCredentialCache() : undefined;
    try {
      const resource = await connectWithNextTicket(
        (signal) => PooledConnection.open(connection, signal),
        cache,
        signal,
      );
      this.#lastLoginError = undefined;
      this.#open.add(resource);
      return resource;
    } catch (error) {
      if (error instanceof LoginError) this.#lastLoginError = { error, at: new Date() };
      throw error;
    }
  }

  /** Told at once unless the server has to be asked. */
  #validate(resource: PooledConnection): boolean | Promise<boolean> {
    const { maxAgeMilliseconds, validateAfterMilliseconds, validateTimeoutMilliseconds } = this.#settings;
    if (!resource.usable || resource.olderThan(maxAgeMilliseconds)) return false;
    return !resource.unusedFor(validateAfterMilliseconds) || resource.answers(validateTimeoutMilliseconds);
  }

  async #drain(timeoutMilliseconds: number): Promise<void> {
    this.#state = 'draining';
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onQuiet = resolve;
    const timer = setTimeout(resolve, timeoutMilliseconds);
    this.#settle();
    await promise;
    clearTimeout(timer);
    this.#state = 'closed';
    this.#closing.abort();
    const closed = this.#tarn.destroy();
    for (const resource of this.#open) resource.close();
    await closed;
  }

  /** Tells a drain when nobody has or awaits a connection any more. */
  #settle(): void {
    const busy = this.#tarn.numUsed() + this.#tarn.numPendingAcquires() + this.#tarn.numPendingValidations();
    if (this.#onQuiet && busy === 0) this.#onQuiet();
  }
}

function canceled(signal: AbortSignal): PoolError {
  return new PoolError('CANCELED', 'The caller stopped waiting for a connection.', { cause: signal.reason });
}
