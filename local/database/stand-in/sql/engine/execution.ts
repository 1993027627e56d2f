import { SqlError } from '../../sql-error.ts';
import { convertValue } from '../convert-value.ts';
import type { DataType, SqlValue } from '../data-types.ts';
import type { ResultSink } from '../result-sink.ts';
import type { Session } from './session.ts';
import type { Variables } from './variables.ts';

/** Thrown when the client has cancelled (attention) or the connection has ended. */
export class Cancelled extends Error {}

/** Thrown after an error that ends the batch was sent to the client. */
export class BatchAborted extends Error {}

/** What the statements of a batch share. */
export interface Execution {
  readonly session: Session;
  readonly sink: ResultSink;
  readonly signal: AbortSignal;
  readonly variables: Variables;
  /** Runs dynamic SQL within the batch, with its own variables. */
  readonly executeText: (sql: string) => Promise<void>;
}

export type Run = (execution: Execution) => Promise<void> | void;

/** A parsed statement. */
export interface Statement {
  /** The line in the batch on which it starts. */
  readonly line: number;
  readonly run: Run;
  /** It runs other statements, so it must not reset @@ERROR. */
  readonly compound?: boolean;
  /** It must be the only statement of its batch. */
  readonly alone?: boolean;
}

/** Errors after which SQL Server does not run the next statement of the batch. */
const endsBatch = new Set([
  102, 108, 111, 116, 137, 141, 156, 174, 205, 207, 208, 209, 213, 241, 245, 257, 911, 916, 1205, 2812, 4104,
  8114, 8117, 8120, 8155, 8169, 40515,
]);

/** Runs a statement and reports its error to the client. Depending on the error, the batch then continues or is aborted. */
export async function execute(execution: Execution, { line, run, compound }: Statement): Promise<void> {
  const { session } = execution;
  throwIfCancelled(execution);
  session.statementTime = new Date();
  try {
    await run(execution);
    if (!compound) session.lastError = 0;
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    if (error.line === 0) error.line = line;
    report(execution, error);
    if (session.options.xactAbort || endsBatch.has(error.number) || error.severity >= 17)
      throw new BatchAborted();
  }
}

/** Reports an error to the client, and rolls the transaction back if XACT_ABORT is on or the error is a deadlock. */
export function report({ session, sink }: Pick<Execution, 'session' | 'sink'>, error: SqlError): void {
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

/** Sets a variable to a value, converted to its type. */
export function setVariable({ variables }: Execution, name: string, value: SqlValue, type: DataType): void {
  const variable = variables.require(name);
  variable.value = convertValue(value, type, variable.type);
}
