import { ProvisioningError } from '../provisioning-error.ts';
import { definedModule } from './defined-module.ts';
import type { Batch } from './split-batches.ts';
import { lineEnds, sqlTokens } from './sql-lexer.ts';
import type { SqlServerError } from './sql-session.ts';

export interface FailedBatch {
  readonly script: string;
  readonly batch: Batch;
  /** How many batches the script has. */
  readonly total: number;
  /** How many of them are applied now. */
  readonly applied: number;
  readonly error: SqlServerError;
}

/** Says where in the script an error is, as exactly as the server reports it, and which batches are applied now. */
export function batchFailure({ script, batch, total, applied, error }: FailedBatch): ProvisioningError {
  const where = placeOf(batch, error);
  const state = applied === batch.number - 1 ? stateBefore(applied) : stateBehind(applied);
  const hint = namesTemporaryTable(error)
    ? ' (a temporary table ends with the session: make it in the batch that uses it)'
    : '';
  const inside = where.inside === undefined ? '' : `${where.inside}, `;
  return new ProvisioningError(
    `${script}, line ${where.line}, batch ${batch.number} of ${total}: ${error.message.trim()} (${inside}SQL Server ` +
      `error ${error.number})${hint}; ${state}.`,
    { cause: error },
  );
}

function stateBefore(applied: number): string {
  if (applied === 0) return 'no batch before it is applied, and the next run begins with this one';
  const before = applied === 1 ? 'the batch before it is' : `the ${applied} batches before it are`;
  return `${before} applied, and the next run goes on from this one`;
}

/** Fewer batches are applied than precede this one if the script had begun its own transaction. */
function stateBehind(applied: number): string {
  if (applied === 0)
    return 'no batch is applied, all were rolled back, and the next run starts from the beginning';
  const these = applied === 1 ? ['1 batch is', 'that'] : [`${applied} batches are`, 'those'];
  return `${these[0]} applied, the others were rolled back, and the next run goes on after ${these[1]}`;
}

/** The line of the script; `inside` is the place within a procedure or text that counts its own lines. */
function placeOf(batch: Batch, { line, procedure }: SqlServerError): { line: number; inside?: string } {
  const tokens = sqlTokens(batch.sql);
  const defined = definedModule(tokens);
  if (procedure !== undefined && !same(lastPart(procedure), defined) && !same(procedure, defined)) {
    return { line: batch.line, inside: `line ${line} of ${procedure}` };
  }
  const lines = lineEnds(batch.sql) + 1;
  if (line < 1) return { line: batch.line };
  const runsText = tokens.some(
    ({ kind, text }, index) =>
      (/^SP_EXECUTESQL$/i.test(text) && kind !== 'string') ||
      (kind === 'word' && /^EXEC(UTE)?$/.test(text) && tokens[index + 1]?.text === '('),
  );
  if (line > lines || runsText) {
    return { line: batch.line, inside: `line ${line} of the batch or of a text that it runs` };
  }
  return { line: batch.line + line - 1 };
}

function lastPart(name: string): string {
  return name.split('.').at(-1)?.replaceAll(/[[\]]/g, '') ?? name;
}

function same(one: string, other: string | undefined): boolean {
  return one.toLowerCase() === other?.toLowerCase();
}

/** "Invalid object name '#t'." */
function namesTemporaryTable({ number, message }: SqlServerError): boolean {
  return number === 208 && /['"]#/.test(message);
}
