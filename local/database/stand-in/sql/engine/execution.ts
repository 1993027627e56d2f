import { SqlError } from '../../sql-error.ts';
import { convertValue } from '../convert-value.ts';
import type { DataType, SqlValue } from '../data-types.ts';
import type { ResultSink } from '../result-sink.ts';
import type { Session } from './session.ts';
import type { Variables } from './variables.ts';

/** Thrown when the client has cancelled (attention) or the connection is gone. */
export class Cancelled extends Error {}

/** Thrown once an error that ends the batch has gone to the client. */
export class BatchAborted extends Error {}

/** What all statements of a batch share. */
export interface Execution {
  readonly session: Session;
  readonly sink: ResultSink;
  readonly signal: AbortSignal;
  readonly variables: Variables;
  /** Runs T-SQL within the batch: dynamic SQL, which has variables of its own. */
  readonly executeText: (sql: string) => Promise<void>;
}

export type Run = (execution: Execution) => Promise<void> | void;

/** A statement as the parser has understood it. */
export interface Statement {
  /** Where it starts in its batch. */
  readonly line: number;
  readonly run: Run;
  /** It runs other statements, whose errors it must not forget. */
  readonly compound?: boolean;
  /** It must be the only one of its batch. */
  readonly alone?: boolean;
}

/** Errors after which SQL Server does not go on with the next statement of the batch. */
const endsBatch = new Set([
  102, 108, 111, 116, 137, 141, 156, 174, 205, 207, 208, 209, 213, 241, 245, 257, 911, 916, 1205, 2812, 4104,
  8114, 8117, 8120, 8155, 8169, 40515,
]);

/** Runs a statement. Its error goes to the client; then the batch goes on or is aborted, as the error demands. */
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

/** Tells the client of an error and does with the transaction what XACT_ABORT asks for. */
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

/** Gives a variable a value, converted to its type. */
export function setVariable({ variables }: Execution, name: string, value: SqlValue, type: DataType): void {
  const variable = variables.require(name);
  variable.value = convertValue(value, type, variable.type);
}
