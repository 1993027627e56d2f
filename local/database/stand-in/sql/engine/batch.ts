import { SqlError } from '../../sql-error.ts';
import { convertValue } from '../convert-value.ts';
import type { DataType, SqlValue } from '../data-types.ts';
import type { ResultSink } from '../result-sink.ts';
import { parseBatch } from '../syntax/parser.ts';
import { executeStatement } from './control-flow.ts';
import { detachOtherDatabases } from './other-databases.ts';
import type { Session } from './session.ts';
import { Variables } from './variables.ts';

/** Thrown when the client has cancelled (attention) or the connection is gone. */
export class Cancelled extends Error {}

/** Thrown once an error that ends the batch has been told to the client. */
export class BatchAborted extends Error {}

/** What all statements of a batch share. */
export interface Execution {
  readonly session: Session;
  readonly sink: ResultSink;
  readonly signal: AbortSignal;
  readonly variables: Variables;
  /** Nesting of TRY: inside one, errors go to its CATCH instead of the client. */
  readonly tryDepth: number;
  /** The value of RETURN. */
  returned: number;
}

/** Errors after which SQL Server does not go on with the next statement of the batch. */
const endsBatch = new Set([
  102, 104, 108, 111, 116, 137, 141, 156, 174, 195, 205, 207, 208, 209, 213, 241, 245, 257, 911, 916, 1023,
  1205, 2812, 3930, 4104, 8114, 8117, 8120, 8155, 8158, 8169, 40515,
]);

/**
 * Runs a batch as a client sent it. Errors go to the sink; the promise is rejected with {@link Cancelled} alone.
 * Returns the value of RETURN, 0 without one.
 */
export async function executeBatch(
  session: Session,
  sql: string,
  sink: ResultSink,
  signal: AbortSignal,
  variables = new Variables(session),
): Promise<number> {
  const execution: Execution = { session, sink, signal, variables, tryDepth: 0, returned: 0 };
  try {
    await executeText(execution, sql);
  } catch (error) {
    if (error instanceof BatchAborted) return execution.returned;
    if (!(error instanceof SqlError)) throw error;
    report(execution, error);
  } finally {
    detachOtherDatabases(session);
  }
  return execution.returned;
}

/** Runs T-SQL inside a batch: dynamic SQL has variables of its own and shares everything else. */
export async function executeText(execution: Execution, sql: string): Promise<void> {
  for (const statement of parseBatch(sql)) {
    const flow = await executeStatement(execution, statement);
    if (flow === 'return') return;
  }
}

/** Tells the client of an error and does with the transaction what XACT_ABORT asks for. */
export function report({ session, sink }: Execution, error: SqlError): void {
  session.lastError = error.number;
  sink.message(error);
  if (session.options.xactAbort || error.number === 1205) {
    const { descriptor } = session.transactions;
    if (session.transactions.abandon()) sink.transactionChanged('rollback', descriptor);
  }
}

/** Whether the batch is over after this error. */
export function isFatal({ session }: Execution, error: SqlError): boolean {
  return session.options.xactAbort || endsBatch.has(error.number) || error.severity >= 17;
}

/** Gives a variable a value, converted to its type. */
export function setVariable({ variables }: Execution, name: string, value: SqlValue, type: DataType): void {
  const variable = variables.require(name);
  variable.value = convertValue(value, type, variable.type);
}
