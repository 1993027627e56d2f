import type { DatabaseSync } from 'node:sqlite';
import { sqlError } from '../../sql-error.ts';
import type { TransactionEvent } from '../result-sink.ts';

let lastDescriptor = 0n;

/** The transaction of one session: T-SQL's counting over SQLite's one level. */
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

  /** Starts a transaction or, inside one, counts one more; tells what the client must know. */
  begin(): TransactionEvent | undefined {
    this.depth += 1;
    if (this.depth > 1) return undefined;
    lastDescriptor += 1n;
    this.#descriptor = lastDescriptor;
    return 'begin';
  }

  /**
   * Starts SQLite's transaction when the first statement needs it, with the write lock if it is going to write: SQLite
   * cannot turn an old reading transaction into a writing one.
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

  /** Does what takes more than one SQLite statement as if it were one: all of it or, after an error, none. */
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

  /** Undoes everything whatever the depth; 3903 outside a transaction. */
  rollback(): TransactionEvent {
    if (this.abandon()) return 'rollback';
    throw sqlError(3903);
  }

  /** Ends the transaction without a trace, if there is one. */
  abandon(): boolean {
    const was = this.depth > 0;
    if (this.#begun) this.#sqlite().exec('ROLLBACK');
    for (const undo of this.#undo.reverse()) undo();
    this.#end();
    return was;
  }

  /** What takes back a change of another SQLite file: logins live in that of master. */
  undoneBy(undo: () => void): void {
    if (this.depth > 0) this.#undo.push(undo);
  }

  #end(): void {
    this.#undo = [];
    this.#begun = false;
    this.depth = 0;
  }

  /** Error 226 for what SQL Server, or this stand-in, does outside transactions only. */
  requireNone(what: string): void {
    if (this.depth === 0) return;
    throw sqlError(226, what);
  }
}
