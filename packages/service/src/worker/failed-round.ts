import { alarmingLines } from '@packages/contracts';
import { isOwnFault } from '../own-faults.ts';
import { failureFields } from '../program.ts';
import { transienceOf } from '../transient-errors.ts';

/** The log line for a failed round, on which the alarm matches, and its fields. */
export function describeFailure(error: unknown) {
  const fields = failureFields(error);
  return { line: lineOf(error, fields), fields };
}

function lineOf(error: unknown, { code, number }: ReturnType<typeof failureFields>): string {
  if (code === 'CONNECTION_LOST' || transienceOf(error) === 'away') return alarmingLines.databaseUnreachable;
  // SQL Server rejected the statement, so it is reachable, even if it does not say why.
  if (number !== undefined || code === 'UNKNOWN') return alarmingLines.workRefused;
  const isOurs =
    code === undefined || code.startsWith('ERR_') || statementFaults.has(code) || isOwnFault(error);
  return isOurs ? alarmingLines.workFailed : alarmingLines.databaseUnreachable;
}

/** Codes for a faulty statement, which is our program's fault, as are codes of Node.js that begin with `ERR_`. */
const statementFaults: ReadonlySet<string> = new Set([
  'EREQUEST',
  'EPARAM',
  'ECOLUMNS',
  'EOPTION',
  'EINVALIDSTATE',
]);
