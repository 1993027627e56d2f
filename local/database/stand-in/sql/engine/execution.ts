import type { SqlError } from '../../sql-error.ts';
import { convertValue } from '../convert-value.ts';
import type { DataType, SqlValue } from '../data-types.ts';
import type { ResultSink } from '../result-sink.ts';
import type { Session } from './session.ts';
import type { Variables } from './variables.ts';

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
}

/** Errors after which SQL Server does not go on with the next statement of the batch. */
const endsBatch = new Set([
  102, 108, 111, 116, 137, 141, 156, 174, 205, 207, 208, 209, 213, 241, 245, 257, 911, 916, 1205, 2812, 3930,
  4104, 8114, 8117, 8120, 8155, 8169, 40515,
]);

/** Whether the batch is over after this error. */
export function isFatal({ session }: Execution, error: SqlError): boolean {
  return session.options.xactAbort || endsBatch.has(error.number) || error.severity >= 17;
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

export function throwIfCancelled({ signal }: Execution): void {
  if (signal.aborted) throw new Cancelled();
}

/** Gives a variable a value, converted to its type. */
export function setVariable({ variables }: Execution, name: string, value: SqlValue, type: DataType): void {
  const variable = variables.require(name);
  variable.value = convertValue(value, type, variable.type);
}
