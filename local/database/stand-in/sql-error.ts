import { systemMessages } from './sys-messages.ts';

/** An error or message for the client, with SQL Server's number for it: MS-TDS 2.2.7.10. */
export class SqlError extends Error {
  readonly number: number;
  readonly severity: number;
  readonly state: number;
  /** 1-based line in the batch, 0 if unknown. */
  line = 0;

  constructor(number: number, message: string, severity = 16, state = 1) {
    super(message);
    this.name = 'SqlError';
    this.number = number;
    this.severity = severity;
    this.state = state;
  }
}

/** The error with this number; the arguments fill the placeholders in its text. */
export function sqlError(number: number, ...about: readonly (string | number)[]): SqlError {
  const { text = '', severity, state } = systemMessages.get(number) ?? {};
  const message = text.replace(/%(\d)/g, (_, index) => String(about[Number(index) - 1] ?? ''));
  return new SqlError(number, message, severity, state);
}

/**
 * The error for T-SQL that SQL Server supports and this stand-in does not, so that it does not silently give a wrong result.
 * 40515 is Azure SQL's number for a statement that is "not supported in this version of SQL Server".
 */
export const unsupported = (what: string): SqlError => sqlError(40515, what);

/** Error 15151: the object does not exist or permission is missing. SQL Server does not say which. */
export const cannot = (what: string): SqlError => sqlError(15151, what);

/** Sets the line of the batch in which the error occurred. */
export function atLine(error: SqlError, line: number): SqlError {
  error.line = line;
  return error;
}
