import { connect } from '../connect.ts';
import type { Connection, ConnectionConfig } from '../connection.ts';
import { query, woundUp } from '../query.ts';

/** A connection with what the pool needs to know of it. */
export class PooledConnection {
  readonly connection: Connection;
  readonly #createdAt = performance.now();
  #usedAt = this.#createdAt;
  #broken = false;
  /** Called once the connection was lost or closed. */
  onBroken: (() => void) | undefined;
  readonly #collation: Connection['databaseCollation'];
  readonly #listeners: ReadonlySet<unknown>;

  private constructor(connection: Connection) {
    this.connection = connection;
    const onBroken = () => {
      if (this.#broken) return;
      this.#broken = true;
      this.onBroken?.();
    };
    connection.on('error', onBroken);
    connection.on('end', onBroken);
    this.#collation = connection.databaseCollation;
    this.#listeners = new Set(connection.eventNames().flatMap((event) => connection.rawListeners(event)));
  }

  /** @throws LoginError */
  static async open(config: ConnectionConfig, signal: AbortSignal): Promise<PooledConnection> {
    return new PooledConnection(await connect(config, { signal }));
  }

  /** False once the connection was lost or closed, or while a request is under way. */
  get usable(): boolean {
    return !this.#broken && this.connection.idle;
  }

  /** When it was last known to be well, on the clock of `performance.now()`. */
  get usedAt(): number {
    return this.#usedAt;
  }

  olderThan(milliseconds: number): boolean {
    return performance.now() - this.#createdAt >= milliseconds;
  }

  unusedFor(milliseconds: number): boolean {
    return performance.now() - this.#usedAt >= milliseconds;
  }

  /** Whether the server still answers, within the time. One that does not is closed: there is no waiting for more. */
  async answers(timeoutMilliseconds: number): Promise<boolean> {
    try {
      await query(this.connection, 'SELECT 1', {}, { timeoutMilliseconds });
      this.#usedAt = performance.now();
    } catch {
      this.close();
    }
    return this.usable;
  }

  /**
   * After use: closes the connection unless it can be handed out again. What its user left behind (an open
   * transaction, a request under way, settings of the session, listeners) must not become the next user's.
   *
   * @param limitMilliseconds how long the server may take where it has to be asked for that
   * @returns a promise, never rejected, where that takes time; nothing where it is done
   */
  tidy(reset: boolean, limitMilliseconds: number): Promise<void> | undefined {
    const pending = woundUp(this.connection);
    if (pending) return pending.then(() => this.tidy(reset, limitMilliseconds));
    if (!this.usable || this.connection.inTransaction) this.close();
    else {
      this.#dropListeners();
      if (reset) {
        // That of another database, which the reset leaves: text would be put into its code page once more.
        this.connection.databaseCollation = this.#collation;
        if (!this.connection.resetOnNextRequest()) return this.#resetNow(limitMilliseconds);
      }
    }
    this.#usedAt = performance.now();
    return undefined;
  }

  /** Those of the last user would hear what the server says to the next one. */
  #dropListeners(): void {
    const { connection } = this;
    for (const event of connection.eventNames()) {
      for (const listener of connection.rawListeners(event)) {
        if (!this.#listeners.has(listener)) connection.removeListener(event, listener as () => void);
      }
    }
  }

  /** With a round trip: where the connection's own settings differ from those of a reset session, they are set again. */
  async #resetNow(limitMilliseconds: number): Promise<void> {
    if (!(await this.connection.resetWithin(limitMilliseconds))) this.close();
    this.#usedAt = performance.now();
  }

  close(): void {
    this.#broken = true;
    this.connection.close();
  }
}
