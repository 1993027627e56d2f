import { setTimeout as delay } from 'node:timers/promises';
import { SqlError, sqlError, unsupported } from '../../sql-error.ts';
import { toText } from '../convert-value.ts';
import { type DataType, int, type SqlValue } from '../data-types.ts';
import type { Expression, ObjectName } from '../syntax/ast.ts';
import { Cancelled, type Execution, type Run, setVariable } from './execution.ts';
import { evaluate } from './queries.ts';

interface Given {
  readonly name: string | undefined;
  readonly value: SqlValue;
  readonly type: DataType;
}

export interface Argument {
  readonly name?: string;
  readonly expression: Expression;
}

/** EXECUTE of one of the procedures that the server itself has; 2812 for any other. */
export const executeProcedure =
  ({ name: written }: ObjectName, list: readonly Argument[], result: string | undefined): Run =>
  async (execution) => {
    const name = written.toLowerCase();
    const run = procedures[name];
    if (!run) throw /^(sp|xp|rds)_/.test(name) ? unsupported(`The procedure ${name}`) : sqlError(2812, name);
    const given: Given[] = [];
    for (const { name: parameter, expression } of list) {
      const { value, type } = await evaluate(execution, expression);
      given.push({ name: parameter, value, type });
    }
    try {
      const returned = await run(execution, given);
      if (result !== undefined) setVariable(execution, result, returned, int);
    } catch (error) {
      if (error instanceof SqlError) error.procedure = name;
      throw error;
    }
  };

const procedures: Readonly<
  Record<string, (execution: Execution, given: readonly Given[]) => number | Promise<number>>
> = {
  sp_getapplock: getApplicationLock,
  sp_set_session_context: setSessionContext,
};

/** The argument of a name, or else the one at a position among those without names. */
function argument(given: readonly Given[], name: string, position: number): Given | undefined {
  return given.find((one) => one.name === name) ?? given.filter((one) => one.name === undefined)[position];
}

const textOf = (one: Given | undefined): string | undefined =>
  one === undefined || one.value === null ? undefined : toText(one.value, one.type);

/** An exclusive lock of the session: 0 if it was free, 1 after waiting, -1 when the timeout (milliseconds, -1 for ever) has passed. */
async function getApplicationLock(execution: Execution, given: readonly Given[]): Promise<number> {
  const { session, signal } = execution;
  const mode = textOf(argument(given, '@lockmode', 1));
  const owner = textOf(argument(given, '@lockowner', 2));
  if (mode?.toLowerCase() !== 'exclusive' || owner?.toLowerCase() !== 'session')
    throw unsupported(`An application lock in mode '${mode}' for '${owner ?? 'Transaction'}'`);
  const resource = session.lockName(textOf(argument(given, '@resource', 0)) ?? '');
  const timeout = Number(argument(given, '@locktimeout', 3)?.value ?? session.options.lockTimeout);
  const deadline = timeout < 0 ? Number.POSITIVE_INFINITY : performance.now() + timeout;
  for (let result = 0; ; result = 1) {
    if (session.instance.applicationLocks.take(resource, session.spid)) return result;
    if (performance.now() >= deadline) return -1;
    await delay(5, undefined, { signal }).catch(() => {
      throw new Cancelled();
    });
  }
}

/** Error 15664 for a key that was set for reading only. */
function setSessionContext({ session }: Execution, given: readonly Given[]): number {
  const key = textOf(argument(given, '@key', 0)) ?? '';
  if (session.context.get(key.toLowerCase())?.readOnly) throw sqlError(15664, key);
  const value = textOf(argument(given, '@value', 1)) ?? null;
  const readOnly = Number(argument(given, '@read_only', 2)?.value ?? 0) !== 0;
  session.context.set(key.toLowerCase(), { value, readOnly });
  return 0;
}
