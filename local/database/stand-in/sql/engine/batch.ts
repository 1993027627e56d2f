import { SqlError } from '../../sql-error.ts';
import type { ResultSink } from '../result-sink.ts';
import { executeText } from './control-flow.ts';
import { BatchAborted, type Execution, report } from './execution.ts';
import type { Session } from './session.ts';
import { Variables } from './variables.ts';

/** Runs a batch as a client sent it. Errors go to the sink; the promise is rejected with `Cancelled` alone. */
export async function executeBatch(
  session: Session,
  sql: string,
  sink: ResultSink,
  signal: AbortSignal,
  variables = new Variables(session),
): Promise<void> {
  const execution: Execution = { session, sink, signal, variables };
  try {
    await executeText(execution, sql);
  } catch (error) {
    if (error instanceof SqlError) report(execution, error);
    else if (!(error instanceof BatchAborted)) throw error;
  }
}
