import { SqlError, unsupported } from '../../sql-error.ts';
import { convertValue, toText } from '../convert-value.ts';
import { type DataType, int, type SqlValue } from '../data-types.ts';
import { parseDeclarations } from '../syntax/declarations.ts';
import type { StatementOf } from '../syntax/statements.ts';
import { type Execution, executeText, setVariable } from './batch.ts';
import { evaluate } from './queries.ts';
import { Variables } from './variables.ts';

interface Given {
  readonly name: string | undefined;
  readonly value: SqlValue;
  readonly type: DataType;
  /** The caller's variable that takes what the procedure puts out. */
  readonly output: string | undefined;
}

/** Runs EXECUTE of one of the procedures that the server itself has; 2812 for any other. */
export async function executeProcedure(
  execution: Execution,
  statement: StatementOf<'execute'>,
): Promise<void> {
  const given: Given[] = [];
  for (const { name, expression, output } of statement.arguments) {
    const { value, type } = await evaluate(execution, expression);
    given.push({
      name,
      value,
      type,
      output: output && expression.kind === 'variable' ? expression.name : undefined,
    });
  }
  const name = statement.procedure.name.toLowerCase();
  const result = await callProcedure(execution, name, given).catch((error) => {
    if (error instanceof SqlError && name !== 'sp_executesql' && error.number !== 2812)
      error.procedure = name;
    throw error;
  });
  if (statement.result !== undefined) setVariable(execution, statement.result, result, int);
}

async function callProcedure(execution: Execution, name: string, given: readonly Given[]): Promise<number> {
  switch (name) {
    case 'sp_executesql':
      return await executeSql(execution, given);
    case 'sp_getapplock':
      return await getApplicationLock(execution, given);
    case 'sp_releaseapplock':
      return releaseApplicationLock(execution, given);
    case 'sp_set_session_context':
      return setSessionContext(execution, given);
    default:
      if (/^(sp|xp|rds)_/.test(name)) throw unsupported(`The procedure ${name}`);
      throw new SqlError({ number: 2812, state: 62, message: `Could not find stored procedure '${name}'.` });
  }
}

/** The argument of a name, or else the one at a position among those without names. */
function argument(given: readonly Given[], name: string, position: number): Given | undefined {
  return given.find((one) => one.name === name) ?? given.filter((one) => one.name === undefined)[position];
}

const textOf = (one: Given | undefined): string | undefined =>
  one === undefined || one.value === null ? undefined : toText(one.value, one.type);

async function executeSql(execution: Execution, given: readonly Given[]): Promise<number> {
  const sql = textOf(argument(given, '@stmt', 0) ?? argument(given, '@statement', 0));
  if (sql === undefined) return 0;
  const variables = new Variables(execution.session);
  const declarations = parseDeclarations(textOf(argument(given, '@params', 1)) ?? '');
  const values = given
    .filter(({ name }) => name !== '@stmt' && name !== '@params')
    .slice(given.some(({ name }) => name === '@params') ? 0 : 2);
  const outputs: { from: string; to: string }[] = [];
  for (const [index, { name, type }] of declarations.entries()) {
    const value =
      values.find((one) => one.name === name) ?? values.filter((one) => one.name === undefined)[index];
    if (!value) {
      const message = `The parameterized query expects the parameter '${name}', which was not supplied.`;
      throw new SqlError({ number: 8178, message });
    }
    variables.declare(name, type, convertValue(value.value, value.type, type));
    if (value.output !== undefined) outputs.push({ from: name, to: value.output });
  }
  const inner: Execution = { ...execution, variables, returned: 0 };
  await executeText(inner, sql);
  for (const { from, to } of outputs) {
    const { value, type } = variables.require(from);
    setVariable(execution, to, value, type);
  }
  return inner.returned;
}

/** What is locked, and for whom: the transaction unless the session is asked for. Error 15419 without a transaction. */
function lockOf(
  { session }: Execution,
  given: readonly Given[],
  position: number,
): { resource: string; owner: number } {
  const resource = session.lockName(textOf(argument(given, '@resource', 0)) ?? '');
  const owner = textOf(argument(given, '@lockowner', position)) ?? 'Transaction';
  if (owner.toLowerCase() === 'session') return { resource, owner: session.spid };
  if (session.transactions.depth > 0) return { resource, owner: -session.spid };
  const message = 'The statement or function must be executed in the context of a user transaction.';
  throw new SqlError({ number: 15419, message });
}

async function getApplicationLock(execution: Execution, given: readonly Given[]): Promise<number> {
  const { session, signal } = execution;
  const mode = textOf(argument(given, '@lockmode', 1))?.toLowerCase() ?? '';
  if (mode !== 'exclusive' && mode !== 'shared')
    throw unsupported(`An application lock with the mode '${mode}'`);
  const { resource, owner } = lockOf(execution, given, 2);
  const timeout = Number(argument(given, '@locktimeout', 3)?.value ?? -1);
  return await session.instance.applicationLocks.take(resource, owner, mode === 'shared', timeout, signal);
}

function releaseApplicationLock(execution: Execution, given: readonly Given[]): number {
  const { session } = execution;
  const { resource, owner } = lockOf(execution, given, 1);
  if (session.instance.applicationLocks.release(resource, owner)) return 0;
  const message = `Cannot release the application lock (Database Principal: 'public', Resource: '${resource.replace(/^\d+:/, '')}') because it is not currently held.`;
  throw new SqlError({ number: 1223, message });
}

/** Error 15664 for a key that was set for reading only. */
function setSessionContext({ session }: Execution, given: readonly Given[]): number {
  const key = textOf(argument(given, '@key', 0)) ?? '';
  const { value = null, type = int } = argument(given, '@value', 1) ?? {};
  if (session.context.get(key.toLowerCase())?.readOnly) {
    const message = `Cannot set key '${key}' in the session context. The key has been set as read_only for this session.`;
    throw new SqlError({ number: 15664, message });
  }
  const readOnly = Number(argument(given, '@read_only', 2)?.value ?? 0) !== 0;
  session.context.set(key.toLowerCase(), { value: value === null ? null : toText(value, type), readOnly });
  return 0;
}
