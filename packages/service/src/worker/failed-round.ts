import { alarmingLines } from '@packages/contracts';
import { isOwnFault } from '../own-faults.ts';
import { failureFields } from '../program.ts';
import { transienceOf } from '../transient-errors.ts';

/** What the log says of a round that failed: the line, by which the alarm finds it, and the fields. */
export function describeFailure(error: unknown) {
  const fields = failureFields(error);
  return { line: lineOf(error, fields), fields };
}

function lineOf(error: unknown, { code, number }: ReturnType<typeof failureFields>): string {
  if (code === 'CONNECTION_LOST' || transienceOf(error) === 'away') return alarmingLines.databaseUnreachable;
  // A refusal by SQL Server is one of a server that answers, also where it does not say why.
  if (number !== undefined || code === 'UNKNOWN') return alarmingLines.workRefused;
  const isOurs =
    code === undefined || code.startsWith('ERR_') || statementFaults.has(code) || isOwnFault(error);
  return isOurs ? alarmingLines.workFailed : alarmingLines.databaseUnreachable;
}

/** Codes of a statement that the program sent wrongly; those of Node.js begin with `ERR_`. */
const statementFaults: ReadonlySet<string> = new Set([
  'EREQUEST',
  'EPARAM',
  'ECOLUMNS',
  'EOPTION',
  'EINVALIDSTATE',
]);
