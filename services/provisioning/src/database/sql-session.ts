export { quoteIdentifier, quoteText } from '@packages/contracts';

/** A value of a result. */
export type SqlRow = Readonly<Record<string, unknown>>;

/** One connection to SQL Server, used for one thing at a time. */
export interface SqlSession {
  /**
   * Runs one batch.
   * @returns the rows of all its results
   * @throws SqlServerError for the server's own errors, and others when the connection is lost
   */
  batch(sql: string): Promise<readonly SqlRow[]>;
  close(): void;
}

/** Number of the error that a procedure began or ended transactions that it did not end or begin; its batch goes on. */
export const unevenTransactions = 266;

/** The first error that the server gave for a batch. */
export class SqlServerError extends Error {
  override readonly name = 'SqlServerError';
  /** The server's number, for example 102 for a syntax error. */
  readonly number: number;
  /** Line of the batch, or of `procedure`, from 1; 0 where the server knows none. */
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
