import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { SqlError, unsupported } from '../../sql-error.ts';
import { convertValue, toText } from '../convert-value.ts';
import { int, nvarchar } from '../data-types.ts';
import type { TransactionEvent } from '../result-sink.ts';
import type { Expression } from '../syntax/ast.ts';
import type { Statement, StatementOf } from '../syntax/statements.ts';
import {
  BatchAborted,
  Cancelled,
  type Execution,
  executeText,
  isFatal,
  report,
  setVariable,
} from './batch.ts';
import { executeDefinition } from './definitions.ts';
import { runModification } from './modifications.ts';
import { executeProcedure } from './procedures.ts';
import { evaluate, runQuery, throwIfCancelled } from './queries.ts';
import { executeSecurity } from './security.ts';
import { Variables } from './variables.ts';

/** What comes after a statement. */
export type Flow = 'next' | 'break' | 'continue' | 'return';

/**
 * Runs a statement. Outside TRY its error is told to the client; then the batch goes on or is aborted, as the
 * error demands. Inside TRY the error is thrown to the CATCH.
 */
export async function executeStatement(execution: Execution, statement: Statement): Promise<Flow> {
  const { session } = execution;
  throwIfCancelled(execution);
  session.statementTime = new Date();
  try {
    const flow = await dispatch(execution, statement);
    if (!keepsError.has(statement.kind)) session.lastError = 0;
    return flow;
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    if (error.line === 0) error.line = statement.line;
    if (execution.tryDepth > 0) throw error;
    report(execution, error);
    if (isFatal(execution, error) || statement.kind === 'throw') throw new BatchAborted();
    return 'next';
  }
}

/** Statements that run others, whose errors they must not forget. */
const keepsError = new Set(['if', 'while', 'block', 'try', 'execute', 'executeText', 'raiserror']);

async function dispatch(execution: Execution, statement: Statement): Promise<Flow> {
  const { session, sink } = execution;
  switch (statement.kind) {
    case 'query':
      await runQuery(execution, statement.query);
      return 'next';
    case 'insert':
    case 'update':
    case 'delete':
    case 'truncate':
      await runModification(execution, statement);
      return 'next';
    case 'nothing':
      sink.done();
      return 'next';
    case 'break':
    case 'continue':
      return statement.kind;
    case 'block':
      return await runAll(execution, statement.statements);
    case 'if':
      if (await isTrue(execution, statement.condition))
        return await executeStatement(execution, statement.then);
      return statement.otherwise ? await executeStatement(execution, statement.otherwise) : 'next';
    case 'while':
      while (await isTrue(execution, statement.condition)) {
        const flow = await executeStatement(execution, statement.body);
        if (flow === 'return') return flow;
        if (flow === 'break') break;
        // Promises alone never let the event loop turn, and so no attention in.
        await nextTurn();
        await sink.drained();
      }
      return 'next';
    case 'try':
      return await runTry(execution, statement);
    case 'throw':
      return await raise(execution, statement);
    case 'raiserror':
      await raiseError(execution, statement);
      return 'next';
    case 'print': {
      const { value, type } = await evaluate(execution, statement.expression);
      const message = value === null ? '' : toText(value, type);
      sink.message(new SqlError({ number: 0, severity: 0, message }));
      return 'next';
    }
    case 'return':
      if (statement.expression) {
        const { value, type } = await evaluate(execution, statement.expression);
        execution.returned = Number(convertValue(value, type, int) ?? 0);
      }
      return 'return';
    case 'declare':
      for (const { name, type, value } of statement.variables) {
        execution.variables.declare(name, type);
        if (value) await assign(execution, name, value);
      }
      return 'next';
    case 'setVariable':
      await assign(execution, statement.name, statement.expression);
      return 'next';
    case 'setOption':
      for (const option of statement.options) session.options.set(option, statement.on);
      sink.done();
      return 'next';
    case 'setValue':
      await setValue(execution, statement);
      sink.done();
      return 'next';
    case 'use': {
      const before = session.database.name;
      session.use(statement.database);
      sink.databaseChanged(session.database.name, before);
      sink.message(
        new SqlError({
          number: 5701,
          severity: 0,
          state: 2,
          message: `Changed database context to '${session.database.name}'.`,
        }),
      );
      sink.done();
      return 'next';
    }
    case 'begin':
    case 'commit':
    case 'rollback':
    case 'save':
      changeTransaction(execution, statement.kind, statement.name);
      sink.done();
      return 'next';
    case 'execute':
      await executeProcedure(execution, statement);
      return 'next';
    case 'executeText': {
      const { value, type } = await evaluate(execution, statement.expression);
      if (value !== null)
        await executeText({ ...execution, variables: new Variables(session) }, toText(value, type));
      return 'next';
    }
    case 'waitfor':
      await wait(execution, statement.delay);
      sink.done();
      return 'next';
    default:
      if (executeSecurity(execution, statement) || (await executeDefinition(execution, statement))) {
        sink.done();
        return 'next';
      }
      throw unsupported(statement.kind);
  }
}

async function runAll(execution: Execution, statements: readonly Statement[]): Promise<Flow> {
  for (const statement of statements) {
    const flow = await executeStatement(execution, statement);
    if (flow !== 'next') return flow;
  }
  return 'next';
}

async function isTrue(execution: Execution, condition: Expression): Promise<boolean> {
  const { value } = await evaluate(execution, condition);
  return value !== null && Number(value) !== 0;
}

async function assign(execution: Execution, name: string, expression: Expression): Promise<void> {
  const { value, type } = await evaluate(execution, expression);
  setVariable(execution, name, value, type);
}

async function runTry(execution: Execution, statement: StatementOf<'try'>): Promise<Flow> {
  const { session } = execution;
  const inside: Execution = { ...execution, tryDepth: execution.tryDepth + 1 };
  try {
    return await runAll(inside, statement.body);
  } catch (error) {
    if (!(error instanceof SqlError) || error.severity >= 20) throw error;
    const outer = session.caught;
    session.caught = error;
    session.lastError = error.number;
    if (session.options.xactAbort && session.transactions.depth > 0) session.transactions.doomed = true;
    try {
      return await runAll(execution, statement.handler);
    } finally {
      session.caught = outer;
    }
  } finally {
    execution.returned = inside.returned;
  }
}

async function raise(execution: Execution, statement: StatementOf<'throw'>): Promise<never> {
  const { caught } = execution.session;
  if (!statement.arguments) {
    if (caught) throw caught;
    const message =
      'To rethrow an error, a THROW statement must be used inside a CATCH block. Insert the THROW statement inside a CATCH block, or add error parameters to the THROW statement.';
    throw new SqlError({ number: 10704, severity: 15, message });
  }
  const [number, message, state] = statement.arguments;
  const error = new SqlError({
    number: Number((await evaluate(execution, number)).value),
    message: String((await evaluate(execution, message)).value),
    state: Number((await evaluate(execution, state)).value),
  });
  throw error;
}

/** RAISERROR with a text of one's own; `%s`, `%d` and `%i` in it take the further arguments. */
async function raiseError(execution: Execution, statement: StatementOf<'raiserror'>): Promise<void> {
  const values = [];
  for (const argument of statement.arguments) values.push((await evaluate(execution, argument)).value);
  const [text, severity, state, ...parameters] = values;
  const message = String(text).replace(/%[sdi]/g, () => String(parameters.shift() ?? '(null)'));
  const error = new SqlError({ number: 50000, severity: Number(severity), state: Number(state), message });
  if (error.severity > 10) throw error;
  execution.sink.message(error);
}

/** Options with a value: what would change the meaning of statements may have SQL Server's default only. */
async function setValue(execution: Execution, statement: StatementOf<'setValue'>): Promise<void> {
  const { session } = execution;
  const { value, type } = await evaluate(execution, statement.expression);
  if (statement.option === 'CONTEXT_INFO') {
    const bytes = convertValue(value, type, { name: 'varbinary', length: 128 });
    session.contextInfo = bytes instanceof Uint8Array ? bytes : null;
  } else if (statement.option === 'LOCK_TIMEOUT') session.options.lockTimeout = Number(value);
  else if (String(value).toLowerCase() !== defaultValues[statement.option]) {
    throw unsupported(`SET ${statement.option} ${value}`);
  }
}

const defaultValues: Readonly<Record<string, string>> = {
  DATEFORMAT: 'mdy',
  DATEFIRST: '7',
  LANGUAGE: 'us_english',
  TEXTSIZE: '2147483647',
  DEADLOCK_PRIORITY: 'normal',
  ROWCOUNT: '0',
};

/** Starts or ends a transaction and tells the client. */
export function changeTransaction(
  { session, sink }: Execution,
  kind: 'begin' | 'commit' | 'rollback' | 'save',
  name?: string,
): void {
  const { transactions } = session;
  const { descriptor } = transactions;
  let event: TransactionEvent | undefined;
  if (kind === 'begin') event = transactions.begin();
  else if (kind === 'commit') event = transactions.commit();
  else if (kind === 'save') transactions.save(name ?? '');
  else event = transactions.rollback(transactions.isSavepoint(name) ? name : undefined);
  if (event) sink.transactionChanged(event, event === 'begin' ? transactions.descriptor : descriptor);
}

/** WAITFOR DELAY 'hh:mm:ss.mmm'; ends early when the client cancels. */
async function wait(execution: Execution, expression: Expression): Promise<void> {
  const { value } = await evaluate(execution, expression);
  const time = convertValue(value, nvarchar(), { name: 'time', scale: 3 });
  const [hours = 0, minutes = 0, seconds = 0] = String(time).split(':').map(Number);
  const milliseconds = ((hours * 60 + minutes) * 60 + seconds) * 1000;
  await delay(milliseconds, undefined, { signal: execution.signal }).catch(() => {
    throw new Cancelled();
  });
}
