import { SqlError, sqlError, unsupported } from '../../sql-error.ts';
import { convertValue, toText } from '../convert-value.ts';
import type { Expression } from '../syntax/ast.ts';
import { type Execution, execute, type Run, type Statement, setVariable } from './execution.ts';
import { evaluate } from './queries.ts';

/** Executes statements for control of flow, variables, options, messages and transactions. */

export const block =
  (statements: readonly Statement[]): Run =>
  async (execution) => {
    for (const statement of statements) await execute(execution, statement);
  };

export const conditional =
  (condition: Expression, then: Statement, otherwise: Statement | undefined): Run =>
  async (execution) => {
    const chosen = (await isTrue(execution, condition)) ? then : otherwise;
    if (chosen) await execute(execution, chosen);
  };

async function isTrue(execution: Execution, condition: Expression): Promise<boolean> {
  return Number((await evaluate(execution, condition)).value ?? 0) !== 0;
}

async function textOf(execution: Execution, expression: Expression): Promise<string | undefined> {
  const { value, type } = await evaluate(execution, expression);
  return value === null ? undefined : toText(value, type);
}

export const assign =
  (name: string, expression: Expression): Run =>
  async (execution) => {
    const { value, type } = await evaluate(execution, expression);
    setVariable(execution, name, value, type);
  };

export const executeDynamic =
  (expression: Expression): Run =>
  async (execution) => {
    const sql = await textOf(execution, expression);
    if (sql !== undefined) await execution.executeText(sql);
  };

export const print =
  (expression: Expression): Run =>
  async (execution) => {
    const message = (await textOf(execution, expression)) ?? '';
    execution.sink.message(new SqlError(0, message, 0));
  };

/** The values of options after a login. Other values are refused, except for LOCK_TIMEOUT and CONTEXT_INFO. */
export const valuesOfOptions: Readonly<Record<string, string>> = {
  DATEFORMAT: 'mdy',
  DATEFIRST: '7',
  LANGUAGE: 'us_english',
  TEXTSIZE: '2147483647',
  DEADLOCK_PRIORITY: 'normal',
  ROWCOUNT: '0',
  LOCK_TIMEOUT: '-1',
  CONTEXT_INFO: '',
};

export const setValue =
  (option: string, expression: Expression): Run =>
  async (execution) => {
    const { session, sink } = execution;
    const { value, type } = await evaluate(execution, expression);
    if (option === 'CONTEXT_INFO') {
      const bytes = convertValue(value, type, { name: 'varbinary', length: 128 });
      session.contextInfo = bytes instanceof Uint8Array ? bytes : null;
    } else if (option === 'LOCK_TIMEOUT') session.options.lockTimeout = Number(value);
    else if (String(value).toLowerCase() !== valuesOfOptions[option])
      throw unsupported(`SET ${option} ${value}`);
    sink.done();
  };

export const useDatabase =
  (wanted: string): Run =>
  ({ session, sink }) => {
    const before = session.database.name;
    session.use(wanted);
    const { name } = session.database;
    sink.databaseChanged(name, before);
    sink.message(sqlError(5701, name));
    sink.done();
  };

export const changeTransaction =
  (change: 'begin' | 'commit' | 'rollback'): Run =>
  ({ session: { transactions }, sink }) => {
    const { descriptor } = transactions;
    const event = transactions[change]();
    if (event) sink.transactionChanged(event, event === 'begin' ? transactions.descriptor : descriptor);
    sink.done();
  };
