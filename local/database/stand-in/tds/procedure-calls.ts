import { convertValue } from '../sql/convert-value.ts';
import { int } from '../sql/data-types.ts';
import { executeBatch } from '../sql/engine/batch.ts';
import type { Session } from '../sql/engine/session.ts';
import { Variables } from '../sql/engine/variables.ts';
import { type Declaration, parseDeclarations } from '../sql/syntax/declarations.ts';
import { SqlError } from '../sql-error.ts';
import type { Parameter } from './parameters.ts';
import type { ProcedureCall } from './requests.ts';
import type { Response } from './response.ts';

interface Prepared {
  readonly sql: string;
  readonly declarations: readonly Declaration[];
}

/** The statements that a client has prepared on its connection. */
export class PreparedStatements {
  readonly #statements = new Map<number, Prepared>();
  #last = 0;

  add(statement: Prepared): number {
    this.#last += 1;
    this.#statements.set(this.#last, statement);
    return this.#last;
  }

  /** Error 8179 for a handle that is none. */
  get(handle: number): Prepared {
    const statement = this.#statements.get(handle);
    if (statement) return statement;
    throw new SqlError({
      number: 8179,
      state: 2,
      message: `Could not find prepared statement with handle ${handle}.`,
    });
  }

  remove(handle: number): void {
    this.get(handle);
    this.#statements.delete(handle);
  }

  clear(): void {
    this.#statements.clear();
  }
}

const text = (parameter: Parameter | undefined): string => String(parameter?.value ?? '');

/** Runs one remote procedure call: the statements behind `sp_executesql` and the prepared ones, or any procedure by name. */
export async function executeCall(
  session: Session,
  { procedure, parameters }: ProcedureCall,
  response: Response,
  prepared: PreparedStatements,
  signal: AbortSignal,
): Promise<void> {
  switch (procedure) {
    case 'sp_executesql': {
      const [statement, declarations, ...values] = parameters;
      await run(
        session,
        { sql: text(statement), declarations: parseDeclarations(text(declarations)) },
        values,
        2,
        response,
        signal,
      );
      return;
    }
    case 'sp_prepare':
    case 'sp_prepexec': {
      const [, declarations, statement, ...values] = parameters;
      const added = { sql: text(statement), declarations: parseDeclarations(text(declarations)) };
      const handle = prepared.add(added);
      if (procedure === 'sp_prepexec') await run(session, added, values, 3, response, signal);
      else response.returnStatus(0);
      response.returnValue(0, parameters[0]?.name ?? '', int, handle);
      return;
    }
    case 'sp_execute': {
      const [handle, ...values] = parameters;
      await run(session, prepared.get(Number(handle?.value)), values, 1, response, signal);
      return;
    }
    case 'sp_unprepare':
      prepared.remove(Number(parameters[0]?.value));
      response.returnStatus(0);
      return;
    case 'sp_reset_connection':
      session.reset();
      response.returnStatus(0);
      return;
    default:
      await callByName(session, procedure, parameters, response, signal);
  }
}

async function run(
  session: Session,
  { sql, declarations }: Prepared,
  values: readonly Parameter[],
  firstOrdinal: number,
  response: Response,
  signal: AbortSignal,
): Promise<void> {
  const variables = new Variables(session);
  const outputs: { ordinal: number; parameter: Parameter; name: string }[] = [];
  for (const [index, { name, type, output }] of declarations.entries()) {
    const parameter = values.find((value) => value.name.toLowerCase() === name) ?? values[index];
    if (!parameter) {
      const message = `The parameterized query '(${declarations.map((one) => one.name).join(',')})' expects the parameter '${name}', which was not supplied.`;
      throw new SqlError({ number: 8178, message });
    }
    variables.declare(name, type, convertValue(parameter.value, parameter.type, type));
    if (output || parameter.output) outputs.push({ ordinal: firstOrdinal + index, parameter, name });
  }
  const returned = await executeBatch(session, sql, response, signal, variables);
  response.returnStatus(returned);
  for (const { ordinal, parameter, name } of outputs) {
    const { type, value } = variables.require(name);
    response.returnValue(ordinal, parameter.name, type, value);
  }
}

/** A procedure by its name: as EXECUTE with the parameters in variables. */
async function callByName(
  session: Session,
  procedure: string,
  parameters: readonly Parameter[],
  response: Response,
  signal: AbortSignal,
): Promise<void> {
  const variables = new Variables(session);
  const list = parameters.map(({ name, type, value, output }, index) => {
    variables.declare(`@p${index}`, type, value);
    return `${name === '' ? '' : `${name} = `}@p${index}${output ? ' OUTPUT' : ''}`;
  });
  variables.declare('@returned', int, 0);
  const sql = `EXEC @returned = [${procedure.replaceAll(']', ']]')}] ${list.join(', ')}`;
  await executeBatch(session, sql, response, signal, variables);
  response.returnStatus(Number(variables.require('@returned').value));
  for (const [index, { name, output }] of parameters.entries()) {
    if (!output) continue;
    const { type, value } = variables.require(`@p${index}`);
    response.returnValue(index, name, type, value);
  }
}
