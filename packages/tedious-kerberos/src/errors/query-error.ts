import { RequestError } from 'tedious';

/**
 * Makes one RequestError from any error with which tedious ends a request: one or several server errors, an error while the
 * request was written, or a socket error.
 *
 * @param said the error that the server had sent before
 * @param lost host and port of the connection if it has ended; undefined if it is still open
 */
export function queryError(error: Error, said: Error | undefined, lost: string | undefined): RequestError {
  if (error instanceof AggregateError) return joined(error);
  if (error instanceof RequestError) {
    return lost && error.code === 'EINVALIDSTATE' ? connectionLost('it had already ended', lost) : error;
  }
  if (lost) return connectionLost(error, lost, said && said !== error ? joined(said) : undefined);
  // Thrown while the parameters were written, either by a check or by the caller's stream.
  return new RequestError(`The parameters could not be sent. ${reasons(error)}`, 'EPARAM', { cause: error });
}

/** The messages of an error and its causes. */
function reasons(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${reasons(error.cause)}` : error.message;
}

function connectionLost(cause: unknown, peer: string, said?: RequestError): RequestError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const words = said ? ` Before that, SQL Server said: ${said.message}` : '';
  const message = `The connection to ${peer} was lost before the statement was answered: ${reason}.${words}`;
  const error = new RequestError(message.replace('..', '.'), 'CONNECTION_LOST', { cause });
  return said ? Object.assign(error, serverFields(said)) : error;
}

/** Joins several server errors into one. The first is the reason; the others mostly repeat that the statement failed. */
function joined(error: Error): RequestError {
  if (!(error instanceof AggregateError)) return error as RequestError;
  const [first, ...others] = error.errors as RequestError[];
  const message = [first, ...others].map((each) => each?.message).join(' ');
  const one = new RequestError(message, first?.code ?? 'EREQUEST', { cause: error });
  return first ? Object.assign(one, serverFields(first)) : one;
}

function serverFields({ number, state, class: severity, serverName, procName, lineNumber }: RequestError) {
  return { number, state, class: severity, serverName, procName, lineNumber };
}
