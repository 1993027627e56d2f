import type { DatabaseSync } from 'node:sqlite';
import { sqlError } from '../../sql-error.ts';
import type { TransactionEvent } from '../result-sink.ts';

let lastDescriptor = 0n;

/** The transaction of a session: T-SQL's nested counting on top of SQLite's single level. */
export class Transactions {
  readonly #sqlite: () => DatabaseSync;
  #begun = false;
  #descriptor = 0n;
  #undo: (() => void)[] = [];
  depth = 0;

  constructor(sqlite: () => DatabaseSync) {
    this.#sqlite = sqlite;
  }

  get descriptor(): bigint {
    return this.#descriptor;
  }

  /** Starts a transaction, or increases the depth inside one; returns the event that the client must be told. */
  begin(): TransactionEvent | undefined {
    this.depth += 1;
    if (this.depth > 1) return undefined;
    lastDescriptor += 1n;
    this.#descriptor = lastDescriptor;
    return 'begin';
  }

  /**
   * Starts SQLite's transaction when the first statement needs it, with the write lock if the statement writes: SQLite
   * cannot upgrade a read transaction whose snapshot is out of date.
   */
  ensureBegun(writes: boolean): void {
    if (this.depth === 0 || this.#begun) return;
    this.#sqlite().exec(writes ? 'BEGIN IMMEDIATE' : 'BEGIN');
    this.#begun = true;
  }

  /** Whether SQLite is in a transaction that outlives the statement. */
  get begun(): boolean {
    return this.#begun;
  }

  /** Runs several SQLite statements atomically. */
  atomically<T>(action: () => T): T {
    const sqlite = this.#sqlite();
    const [begin, end, undo] = this.#begun
      ? ['SAVEPOINT "$statement"', 'RELEASE "$statement"', 'ROLLBACK TO "$statement"; RELEASE "$statement"']
      : ['BEGIN IMMEDIATE', 'COMMIT', 'ROLLBACK'];
    sqlite.exec(begin);
    try {
      const result = action();
      sqlite.exec(end);
      return result;
    } catch (error) {
      sqlite.exec(undo);
      throw error;
    }
  }

  /** Error 3902 outside a transaction. */
  commit(): TransactionEvent | undefined {
    if (this.depth === 0) throw sqlError(3902);
    if (this.depth > 1) {
      this.depth -= 1;
      return undefined;
    }
    if (this.#begun) this.#sqlite().exec('COMMIT');
    this.#end();
    return 'commit';
  }

  /** Undoes everything at any depth; error 3903 outside a transaction. */
  rollback(): TransactionEvent {
    if (this.abandon()) return 'rollback';
    throw sqlError(3903);
  }

  /** Rolls the transaction back, if there is one; returns whether there was. */
  abandon(): boolean {
    const was = this.depth > 0;
    if (this.#begun) this.#sqlite().exec('ROLLBACK');
    for (const undo of this.#undo.reverse()) undo();
    this.#end();
    return was;
  }

  /** Registers a function that undoes a change in another SQLite file: logins are in that of master. */
  undoneBy(undo: () => void): void {
    if (this.depth > 0) this.#undo.push(undo);
  }

  #end(): void {
    this.#undo = [];
    this.#begun = false;
    this.depth = 0;
  }

  /** Throws error 226 inside a transaction, for statements that are only allowed outside. */
  requireNone(what: string): void {
    if (this.depth === 0) return;
    throw sqlError(226, what);
  }
}
