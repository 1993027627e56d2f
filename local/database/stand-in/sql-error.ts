import { systemMessages } from './sys-messages.ts';

/** An error or message that the client is to see, with the number SQL Server would use: MS-TDS 2.2.7.10. */
export class SqlError extends Error {
  readonly number: number;
  readonly severity: number;
  readonly state: number;
  /** 1-based line in the batch, 0 when not known. */
  line = 0;

  constructor(number: number, message: string, severity = 16, state = 1) {
    super(message);
    this.name = 'SqlError';
    this.number = number;
    this.severity = severity;
    this.state = state;
  }
}

/** The error of a number, its text about these things. */
export function sqlError(number: number, ...about: readonly (string | number)[]): SqlError {
  const { text = '', severity, state } = systemMessages.get(number) ?? {};
  const message = text.replace(/%(\d)/g, (_, index) => String(about[Number(index) - 1] ?? ''));
  return new SqlError(number, message, severity, state);
}

/**
 * The error for T-SQL that SQL Server knows and this stand-in does not. 40515 is Azure SQL's number for a
 * statement "not supported in this version of SQL Server": never a wrong answer in silence.
 */
export const unsupported = (what: string): SqlError => sqlError(40515, what);

/** Error 15151, for what is not there or not allowed: SQL Server does not say which. */
export const cannot = (what: string): SqlError => sqlError(15151, what);

/** An error at a line of the batch. */
export function atLine(error: SqlError, line: number): SqlError {
  error.line = line;
  return error;
}
