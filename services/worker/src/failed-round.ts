import { alarmingLines } from '@packages/contracts';

/** What is known of an error: of SQL Server's the number, of a way that could not be gone a code. */
type Failure = Error & { readonly code?: string; readonly number?: number; readonly hint?: string };

/** What the log says of a round that failed: the line, by which the alarm finds it, and the fields. */
export function describeFailure(error: unknown) {
  const { code, number, message, hint } = error as Failure;
  return { line: lineOf(code, number), fields: { code, number, reason: message, remedy: hint } };
}

function lineOf(code: string | undefined, number: number | undefined): string {
  // A refusal by SQL Server is one of a server that answers.
  if (number !== undefined) return alarmingLines.workRefused;
  // Node.js and tedious-kerberos mark what no server causes.
  const isOurs = code === undefined || /^(ERR_|INTERNAL_ERROR$)/.test(code);
  return isOurs ? alarmingLines.workFailed : alarmingLines.databaseUnreachable;
}
