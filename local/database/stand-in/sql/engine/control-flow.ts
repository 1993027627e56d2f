import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { SqlError, unsupported } from '../../sql-error.ts';
import { convertValue, toText } from '../convert-value.ts';
import { nvarchar } from '../data-types.ts';
import type { Expression } from '../syntax/ast.ts';
import { parseBatch } from '../syntax/parser.ts';
import type { Statement, StatementOf } from '../syntax/statements.ts';
import { executeDefinition } from './definitions.ts';
import {
  BatchAborted,
  Cancelled,
  type Execution,
  isFatal,
  report,
  setVariable,
  throwIfCancelled,
} from './execution.ts';
import { runModification } from './modifications.ts';
import { executeProcedure } from './procedures.ts';
import { evaluate, runQuery } from './queries.ts';
import { executeSecurity } from './security.ts';
import { Variables } from './variables.ts';

/** Runs T-SQL as a whole. */
export async function executeText(execution: Execution, sql: string): Promise<void> {
  for (const statement of parseBatch(sql)) await executeStatement(execution, statement);
}

/** Runs a statement. Its error is told to the client; then the batch goes on or is aborted, as the error demands. */
async function executeStatement(execution: Execution, statement: Statement): Promise<void> {
  const { session } = execution;
  throwIfCancelled(execution);
  session.statementTime = new Date();
  try {
    await dispatch(execution, statement);
    if (!keepsError.has(statement.kind)) session.lastError = 0;
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    if (error.line === 0) error.line = statement.line;
    report(execution, error);
    if (isFatal(execution, error)) throw new BatchAborted();
  }
}

/** Statements that run others, whose errors they must not forget. */
const keepsError = new Set(['if', 'while', 'block', 'execute', 'executeText', 'raiserror']);

async function dispatch(execution: Execution, statement: Statement): Promise<void> {
  const { session, sink } = execution;
  switch (statement.kind) {
    case 'query':
      return await runQuery(execution, statement.query);
    case 'insert':
    case 'update':
    case 'delete':
      return await runModification(execution, statement);
    case 'block':
      for (const inner of statement.statements) await executeStatement(execution, inner);
      return;
    case 'if':
      if (await isTrue(execution, statement.condition)) await executeStatement(execution, statement.then);
      else if (statement.otherwise) await executeStatement(execution, statement.otherwise);
      return;
    case 'while':
      while (await isTrue(execution, statement.condition)) {
        await executeStatement(execution, statement.body);
        // Promises alone never let the event loop turn, and so no attention in.
        await nextTurn();
        await sink.drained();
      }
      return;
    case 'raiserror':
      return await raiseError(execution, statement);
    case 'print': {
      const message = (await textOf(execution, statement.expression)) ?? '';
      sink.message(new SqlError({ number: 0, severity: 0, message }));
      return;
    }
    case 'declare':
      for (const { name, type, value } of statement.variables) {
        execution.variables.declare(name, type);
        if (value) await assign(execution, name, value);
      }
      return;
    case 'setVariable':
      return await assign(execution, statement.name, statement.expression);
    case 'execute':
      return await executeProcedure(execution, statement);
    case 'executeText': {
      // Dynamic SQL has variables of its own and shares everything else.
      const sql = await textOf(execution, statement.expression);
      if (sql !== undefined) await executeText({ ...execution, variables: new Variables(session) }, sql);
      return;
    }
    default:
      await executeWithoutRows(execution, statement);
      sink.done();
  }
}

async function executeWithoutRows(execution: Execution, statement: Statement): Promise<void> {
  const { session, sink } = execution;
  switch (statement.kind) {
    case 'nothing':
      return;
    case 'setOption':
      for (const option of statement.options) session.options.set(option, statement.on);
      return;
    case 'setValue':
      return await setValue(execution, statement);
    case 'use': {
      const before = session.database.name;
      session.use(statement.database);
      const { name } = session.database;
      sink.databaseChanged(name, before);
      const message = `Changed database context to '${name}'.`;
      return sink.message(new SqlError({ number: 5701, severity: 0, state: 2, message }));
    }
    case 'begin':
    case 'commit':
    case 'rollback': {
      const { transactions } = session;
      const { descriptor } = transactions;
      const event = transactions[statement.kind]();
      if (event) sink.transactionChanged(event, event === 'begin' ? transactions.descriptor : descriptor);
      return;
    }
    case 'waitfor':
      return await wait(execution, statement.delay);
    default:
      if (!executeSecurity(execution, statement) && !(await executeDefinition(execution, statement)))
        throw unsupported(statement.kind);
  }
}

async function isTrue(execution: Execution, condition: Expression): Promise<boolean> {
  return Number((await evaluate(execution, condition)).value ?? 0) !== 0;
}

async function textOf(execution: Execution, expression: Expression): Promise<string | undefined> {
  const { value, type } = await evaluate(execution, expression);
  return value === null ? undefined : toText(value, type);
}

async function assign(execution: Execution, name: string, expression: Expression): Promise<void> {
  const { value, type } = await evaluate(execution, expression);
  setVariable(execution, name, value, type);
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

const defaultValues: Readonly<Record<string, string>> = {
  DATEFORMAT: 'mdy',
  DATEFIRST: '7',
  LANGUAGE: 'us_english',
  TEXTSIZE: '2147483647',
  DEADLOCK_PRIORITY: 'normal',
  ROWCOUNT: '0',
};

/** Options with a value: what would change the meaning of statements may have SQL Server's default only. */
async function setValue(
  execution: Execution,
  { option, expression }: StatementOf<'setValue'>,
): Promise<void> {
  const { session } = execution;
  const { value, type } = await evaluate(execution, expression);
  if (option === 'CONTEXT_INFO') {
    const bytes = convertValue(value, type, { name: 'varbinary', length: 128 });
    session.contextInfo = bytes instanceof Uint8Array ? bytes : null;
  } else if (option === 'LOCK_TIMEOUT') session.options.lockTimeout = Number(value);
  else if (String(value).toLowerCase() !== defaultValues[option]) throw unsupported(`SET ${option} ${value}`);
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
