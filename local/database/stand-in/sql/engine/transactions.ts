import type { DatabaseSync } from 'node:sqlite';
import { SqlError } from '../../sql-error.ts';
import type { TransactionEvent } from '../result-sink.ts';

let lastDescriptor = 0n;

const savepointName = (name: string) => `"save ${name.toLowerCase().replaceAll('"', '""')}"`;

/** The transaction of one session: T-SQL's counting over SQLite's one level. */
export class Transactions {
  readonly #sqlite: () => DatabaseSync;
  readonly #onEnd: () => void;
  readonly #savepoints = new Set<string>();
  #begun = false;
  #descriptor = 0n;
  depth = 0;
  /** An error under XACT_ABORT inside TRY: nothing but a rollback is possible. */
  doomed = false;

  /** @param onEnd called whenever a transaction has ended, in whichever way */
  constructor(sqlite: () => DatabaseSync, onEnd: () => void) {
    this.#sqlite = sqlite;
    this.#onEnd = onEnd;
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

  /** Error 3902 outside a transaction, 3930 in a doomed one. */
  commit(): TransactionEvent | undefined {
    if (this.depth === 0) {
      const message = 'The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION.';
      throw new SqlError({ number: 3902, message });
    }
    if (this.doomed) {
      const message =
        'The current transaction cannot be committed and cannot support operations that write to the log file. Roll back the transaction.';
      throw new SqlError({ number: 3930, message });
    }
    this.depth -= 1;
    if (this.depth > 0) return undefined;
    if (this.#begun) this.#sqlite().exec('COMMIT');
    this.#ended();
    return 'commit';
  }

  /** Undoes everything whatever the depth, or what came after a savepoint; 3903 outside a transaction. */
  rollback(savepoint?: string): TransactionEvent | undefined {
    if (this.depth === 0) {
      const message = 'The ROLLBACK TRANSACTION request has no corresponding BEGIN TRANSACTION.';
      throw new SqlError({ number: 3903, message });
    }
    if (savepoint !== undefined) {
      this.#sqlite().exec(`ROLLBACK TO ${savepointName(savepoint)}`);
      return undefined;
    }
    this.abandon();
    return 'rollback';
  }

  isSavepoint(name: string | undefined): boolean {
    return name !== undefined && this.#savepoints.has(name.toLowerCase());
  }

  save(name: string): void {
    if (this.depth === 0) {
      const message = 'Cannot issue SAVE TRANSACTION when there is no active transaction.';
      throw new SqlError({ number: 628, severity: 16, state: 0, message });
    }
    this.ensureBegun(true);
    this.#sqlite().exec(`SAVEPOINT ${savepointName(name)}`);
    this.#savepoints.add(name.toLowerCase());
  }

  /** Ends the transaction without a trace, if there is one. */
  abandon(): boolean {
    const was = this.depth > 0;
    if (this.#begun) this.#sqlite().exec('ROLLBACK');
    this.depth = 0;
    this.doomed = false;
    this.#ended();
    return was;
  }

  #ended(): void {
    this.#begun = false;
    this.#savepoints.clear();
    this.#onEnd();
  }

  /** Error 226 for what SQL Server, or this stand-in, does outside transactions only. */
  requireNone(what: string): void {
    if (this.depth === 0) return;
    const message = `${what} statement not allowed within multi-statement transaction.`;
    throw new SqlError({ number: 226, severity: 16, state: 6, message });
  }
}
