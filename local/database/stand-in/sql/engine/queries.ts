import type { StatementSync } from 'node:sqlite';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { sqlError } from '../../sql-error.ts';
import type { DataType, SqlValue } from '../data-types.ts';
import type { Column } from '../result-sink.ts';
import type { Expression, Query } from '../syntax/ast.ts';
import { translateExpression } from '../translation/expressions.ts';
import { translateQuery } from '../translation/queries.ts';
import { Scope, type Translation } from '../translation/scope.ts';
import { Cancelled, type Execution, setVariable, throwIfCancelled } from './execution.ts';
import { findTable } from './find-table.ts';
import { busy, resultCode, translateSqliteError } from './sqlite-errors.ts';

/** Rows between two checks whether the client has cancelled. */
const rowsPerTurn = 200;

export function newTranslation({ session, variables }: Execution): Translation {
  const translation: Translation = {
    parameters: [],
    query: (query, outer) => translateQuery(translation, query, outer),
    variable: (name) => variables.require(name).type,
    table: (name, permission) => findTable(session, name, permission),
  };
  return translation;
}

/** Prepares a statement that returns rows as arrays. */
export function prepare(
  execution: Execution,
  sql: string,
  columns: readonly Column[],
  verb: string,
): StatementSync {
  const { sqlite } = execution.session;
  try {
    const statement = sqlite.prepare(sql);
    statement.setReturnArrays(true);
    statement.setReadBigInts(columns.some(({ type }) => type.name === 'bigint'));
    return statement;
  } catch (error) {
    throw translateSqliteError(error, sqlite, verb);
  }
}

/** The values of the variables in the order of the parameters. */
export function bindings({ variables }: Execution, { parameters }: Translation): SqlValue[] {
  return parameters.map((name) => variables.require(name).value);
}

/**
 * Runs an action that needs SQLite's locks, and retries while another session holds them. A session that has read an old
 * state and then wants to write gets error 1205, as a deadlock victim does.
 */
export async function whenFree<T>(
  execution: Execution,
  verb: string,
  writes: boolean,
  action: () => T,
): Promise<T> {
  const { session } = execution;
  for (;;) {
    throwIfCancelled(execution);
    try {
      session.transactions.ensureBegun(writes);
      return action();
    } catch (error) {
      const code = resultCode(error);
      if (code === busy.snapshot || (code === busy.plain && session.transactions.begun))
        throw sqlError(1205, session.spid);
      if (code !== busy.plain) throw translateSqliteError(error, session.sqlite, verb);
    }
    await delay(5, undefined, { signal: execution.signal }).catch(() => {
      throw new Cancelled();
    });
  }
}

/** Runs a query and sends its rows to the client, or assigns them to variables. */
export async function runQuery(execution: Execution, query: Query): Promise<void> {
  const { session, sink } = execution;
  const translation = newTranslation(execution);
  const { sql, columns, assigns } = translateQuery(translation, query);
  const statement = prepare(execution, sql, columns, 'SELECT');
  const values = bindings(execution, translation);
  const iterator = await whenFree(execution, 'SELECT', false, () => {
    const rows = statement.iterate(...values);
    return { first: rows.next(), rows };
  });
  if (!assigns) sink.columns(columns);
  let count = 0;
  try {
    for (let next = iterator.first; !next.done; next = iterator.rows.next()) {
      const row = next.value as unknown as SqlValue[];
      if (assigns)
        for (const [index, name] of assigns.entries())
          setVariable(execution, name, row[index] ?? null, columns[index]?.type as DataType);
      else sink.row(row);
      count += 1;
      if (count % rowsPerTurn === 0) {
        await sink.drained();
        await nextTurn();
        throwIfCancelled(execution);
      }
    }
  } catch (error) {
    throw error instanceof Cancelled ? error : translateSqliteError(error, session.sqlite, 'SELECT');
  } finally {
    iterator.rows.return?.();
  }
  session.rowCount = count;
  if (!assigns) sink.done(session.options.noCount ? undefined : count);
}

/** The value and type of an expression. */
export async function evaluate(
  execution: Execution,
  expression: Expression,
): Promise<{ value: SqlValue; type: DataType }> {
  // Most are literals and variables, which do not need the database.
  if (expression.kind === 'literal') return expression;
  if (expression.kind === 'variable') return execution.variables.require(expression.name);
  const translation = newTranslation(execution);
  const { sql, type } = translateExpression(translation, new Scope([]), expression);
  const statement = prepare(execution, `SELECT ${sql}`, [{ name: '', type }], 'SELECT');
  const row = await whenFree(execution, 'SELECT', false, () =>
    statement.get(...bindings(execution, translation)),
  );
  return { value: (row as unknown as SqlValue[])[0] ?? null, type };
}
