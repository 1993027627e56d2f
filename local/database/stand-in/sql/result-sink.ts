import type { SqlError } from '../sql-error.ts';
import type { DataType, SqlValue } from './data-types.ts';

/** A column of a result. */
export interface Column {
  readonly name: string;
  readonly type: DataType;
  readonly nullable?: boolean;
  readonly identity?: boolean;
}

export type TransactionEvent = 'begin' | 'commit' | 'rollback';

/** Receives the results of a batch in the order in which they occur. */
export interface ResultSink {
  columns(columns: readonly Column[]): void;
  row(values: readonly SqlValue[]): void;
  /** A statement has ended; `rows` is the number of rows it returned or changed, if it counts them. */
  done(rows?: number): void;
  /** A message to the client: INFO up to severity 10, ERROR above. */
  message(message: SqlError): void;
  databaseChanged(now: string, before: string): void;
  transactionChanged(event: TransactionEvent, descriptor: bigint): void;
  /** Resolves when the client has read enough that more can be sent. */
  drained(): Promise<void>;
}
