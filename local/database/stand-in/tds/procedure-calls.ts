import { convertValue } from '../sql/convert-value.ts';
import { executeBatch } from '../sql/engine/batch.ts';
import type { Session } from '../sql/engine/session.ts';
import { Variables } from '../sql/engine/variables.ts';
import { parseDeclarations } from '../sql/syntax/declarations.ts';
import { sqlError, unsupported } from '../sql-error.ts';
import type { Parameter, ProcedureCall } from './requests.ts';
import type { Response } from './response.ts';

const text = (parameter: Parameter | undefined): string => String(parameter?.value ?? '');

/** Runs a remote procedure call: a statement with parameters, or a driver's reset of the connection. */
export async function executeCall(
  session: Session,
  { procedure, parameters }: ProcedureCall,
  response: Response,
  signal: AbortSignal,
): Promise<void> {
  if (procedure === 'sp_reset_connection') session.reset();
  else if (procedure !== 'sp_executesql') throw unsupported(`A call of the procedure ${procedure}`);
  else await executeSql(session, parameters, response, signal);
  response.returnStatus(0);
}

async function executeSql(
  session: Session,
  [statement, declared, ...values]: readonly Parameter[],
  response: Response,
  signal: AbortSignal,
): Promise<void> {
  const variables = new Variables(session);
  const declarations = parseDeclarations(text(declared));
  for (const [index, { name, type }] of declarations.entries()) {
    const parameter = values.find((value) => value.name.toLowerCase() === name) ?? values[index];
    if (!parameter) throw sqlError(8178, declarations.map((one) => one.name).join(','), name);
    if (parameter.output) throw unsupported(`The output parameter ${name}`);
    variables.declare(name, type, convertValue(parameter.value, parameter.type, type));
  }
  await executeBatch(session, text(statement), response, signal, variables);
}
