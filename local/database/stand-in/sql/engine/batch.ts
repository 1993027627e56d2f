import { SqlError } from '../../sql-error.ts';
import type { ResultSink } from '../result-sink.ts';
import { parseBatch } from '../syntax/parser.ts';
import { BatchAborted, execute, report } from './execution.ts';
import type { Session } from './session.ts';
import { Variables } from './variables.ts';

/** Runs a batch that a client sent. SQL errors go to the sink; a cancelled batch rejects with `Cancelled`. */
export async function executeBatch(
  session: Session,
  sql: string,
  sink: ResultSink,
  signal: AbortSignal,
  variables = new Variables(session),
): Promise<void> {
  try {
    await executeText(sql, variables);
  } catch (error) {
    if (error instanceof SqlError) report({ session, sink }, error);
    else if (!(error instanceof BatchAborted)) throw error;
  }

  async function executeText(text: string, own: Variables): Promise<void> {
    const inner = (dynamic: string) => executeText(dynamic, new Variables(session));
    const execution = { session, sink, signal, variables: own, executeText: inner };
    for (const statement of parseBatch(text)) await execute(execution, statement);
  }
}
