import { connect } from '../connect.ts';
import type { Connection, ConnectionConfig } from '../connection.ts';
import { query, woundUp } from '../query.ts';

/** A connection with the state that the pool keeps for it. */
export class PooledConnection {
  readonly connection: Connection;
  readonly #createdAt = performance.now();
  #usedAt = this.#createdAt;
  #broken = false;
  /** Called once when the connection is lost or closed. */
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

  /** False once the connection is lost or closed, and while a request is in progress. */
  get usable(): boolean {
    return !this.#broken && this.connection.idle;
  }

  /** When it was last known to work, as read from `performance.now()`. */
  get usedAt(): number {
    return this.#usedAt;
  }

  olderThan(milliseconds: number): boolean {
    return performance.now() - this.#createdAt >= milliseconds;
  }

  unusedFor(milliseconds: number): boolean {
    return performance.now() - this.#usedAt >= milliseconds;
  }

  /** Whether the server still answers within the time limit. If not, closes the connection. */
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
   * Cleans the connection up after use, or closes it if it cannot be reused. The next caller must not inherit an open
   * transaction, a request in progress, session settings or listeners.
   *
   * @param limitMilliseconds how long the server may take if the cleanup needs a round trip
   * @returns a promise that does not reject; undefined if the cleanup is already done
   */
  tidy(reset: boolean, limitMilliseconds: number): Promise<void> | undefined {
    const pending = woundUp(this.connection);
    if (pending) return pending.then(() => this.tidy(reset, limitMilliseconds));
    if (!this.usable || this.connection.inTransaction) this.close();
    else {
      this.#dropListeners();
      if (reset) {
        // After USE, tedious keeps the other database's collation across the reset, and would encode text for its code page.
        this.connection.databaseCollation = this.#collation;
        if (!this.connection.resetOnNextRequest()) return this.#resetNow(limitMilliseconds);
      }
    }
    this.#usedAt = performance.now();
    return undefined;
  }

  /** Removes the caller's listeners, which would otherwise receive the next caller's events. */
  #dropListeners(): void {
    const { connection } = this;
    for (const event of connection.eventNames()) {
      for (const listener of connection.rawListeners(event)) {
        if (!this.#listeners.has(listener)) connection.removeListener(event, listener as () => void);
      }
    }
  }

  /** Resets the session with a round trip; also restores the settings in `options` that a reset session does not have. */
  async #resetNow(limitMilliseconds: number): Promise<void> {
    if (!(await this.connection.resetWithin(limitMilliseconds))) this.close();
    this.#usedAt = performance.now();
  }

  close(): void {
    this.#broken = true;
    this.connection.close();
  }
}
