export { quoteIdentifier, quoteText } from '@packages/contracts';

/** One row of a result: values by column name. */
export type SqlRow = Readonly<Record<string, unknown>>;

/** One connection to SQL Server, used by one caller at a time. */
export interface SqlSession {
  /**
   * Runs one batch.
   * @returns the rows of all its results
   * @throws SqlServerError for the server's own errors; other errors if the connection is lost
   */
  batch(sql: string): Promise<readonly SqlRow[]>;
  close(): void;
}

/** SQL Server's error for a procedure whose begun and ended transactions do not match; its batch continues. */
export const unevenTransactions = 266;

/** The error that the server reported first for a batch. */
export class SqlServerError extends Error {
  override readonly name = 'SqlServerError';
  /** The server's number, for example 102 for a syntax error. */
  readonly number: number;
  /** Line of the batch, or of `procedure`, from 1; 0 if the server gave none. */
  readonly line: number;
  /** The procedure, function or trigger that `line` is in, if any. */
  readonly procedure: string | undefined;

  constructor(message: string, number: number, line: number, procedure?: string) {
    super(message);
    this.number = number;
    this.line = line;
    this.procedure = procedure;
  }
}
