import { alarmingLines } from '@packages/contracts';
import { failureFields } from '@packages/service';

/** What the log says of a round that failed: the line, by which the alarm finds it, and the fields. */
export function describeFailure(error: unknown) {
  const fields = failureFields(error);
  return { line: lineOf(fields.code, fields.number), fields };
}

function lineOf(code: string | undefined, number: number | undefined): string {
  // A refusal by SQL Server is one of a server that answers.
  if (number !== undefined) return alarmingLines.workRefused;
  // Node.js and tedious-kerberos mark what no server causes.
  const isOurs = code === undefined || /^(ERR_|INTERNAL_ERROR$)/.test(code);
  return isOurs ? alarmingLines.workFailed : alarmingLines.databaseUnreachable;
}
