/** How SQL Server tells of an error: MS-TDS 2.2.7.10. Numbers and texts are those of `sys.messages`. */
export interface ErrorDetails {
  readonly number: number;
  readonly message: string;
  /** Severity: 11–16 the user can correct, 20 and above end the connection. */
  readonly severity?: number;
  readonly state?: number;
}

/** An error that the client is to see, with the number SQL Server would use. */
export class SqlError extends Error {
  readonly number: number;
  readonly severity: number;
  readonly state: number;
  /** 1-based line in the batch, 0 when not known. */
  line = 0;
  /** The procedure that the error arose in; empty in a batch. */
  procedure = '';

  constructor({ number, message, severity = 16, state = 1 }: ErrorDetails) {
    super(message);
    this.name = 'SqlError';
    this.number = number;
    this.severity = severity;
    this.state = state;
  }
}

/**
 * The error for T-SQL that SQL Server knows and this stand-in does not. 40515 is Azure SQL's number for a
 * statement "not supported in this version of SQL Server": never a wrong answer in silence.
 */
export function unsupported(what: string): SqlError {
  return new SqlError({
    number: 40515,
    message: `${what} is not supported by this SQL Server stand-in.`,
  });
}

/** Error 15151, for what is not there or not allowed: SQL Server does not say which. */
export function cannot(what: string): SqlError {
  const message = `Cannot ${what}, because it does not exist or you do not have permission.`;
  return new SqlError({ number: 15151, message });
}

/** Error 102, as for any text the parser cannot read. */
export function syntaxError(near: string, line: number): SqlError {
  const error = new SqlError({ number: 102, severity: 15, message: `Incorrect syntax near '${near}'.` });
  error.line = line;
  return error;
}
