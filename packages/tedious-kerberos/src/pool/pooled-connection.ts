import { connect } from '../connect.ts';
import type { Connection, ConnectionConfig } from '../connection.ts';
import { query } from '../query.ts';

/** A connection with what the pool needs to know of it. */
export class PooledConnection {
  readonly connection: Connection;
  readonly #createdAt = performance.now();
  #usedAt = this.#createdAt;
  #broken = false;

  private constructor(connection: Connection) {
    this.connection = connection;
    const onBroken = () => {
      this.#broken = true;
    };
    connection.on('error', onBroken);
    connection.on('end', onBroken);
  }

  /** @throws LoginError */
  static async open(config: ConnectionConfig, signal: AbortSignal): Promise<PooledConnection> {
    return new PooledConnection(await connect(config, { signal }));
  }

  /** False once the connection was lost or closed, or while a request is under way. */
  get usable(): boolean {
    return !this.#broken && !this.connection.closed && this.connection.idle;
  }

  olderThan(milliseconds: number): boolean {
    return performance.now() - this.#createdAt >= milliseconds;
  }

  unusedFor(milliseconds: number): boolean {
    return performance.now() - this.#usedAt >= milliseconds;
  }

  /** Whether the server still answers, within the time. */
  async answers(timeoutMilliseconds: number): Promise<boolean> {
    try {
      await query(this.connection, 'SELECT 1', {}, { timeoutMilliseconds });
      return this.usable;
    } catch {
      return false;
    }
  }

  /**
   * After use: closes the connection unless it can be handed out again. What its user left behind
   * (an open transaction, a request under way) must not become the next user's.
   *
   * @returns a promise, never rejected, where the server has to be asked for that; nothing where it is done
   */
  tidy(reset: boolean): Promise<void> | undefined {
    if (reset && this.usable && !this.connection.inTransaction) {
      return this.#reset().then(() => this.#closeUnlessClean());
    }
    this.#closeUnlessClean();
    return undefined;
  }

  #reset(): Promise<void> {
    return new Promise((resolve) => {
      this.connection.reset((error) => {
        if (error) this.#broken = true;
        resolve();
      });
    });
  }

  #closeUnlessClean(): void {
    if (!this.usable || this.connection.inTransaction) this.close();
    this.#usedAt = performance.now();
  }

  close(): void {
    this.#broken = true;
    this.connection.close();
  }
}
