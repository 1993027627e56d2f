import { RequestError } from 'tedious';

/**
 * Makes one RequestError of whatever tedious ends a request with: an error of the server, several of them, what went
 * wrong while the request was written, or what the socket said.
 *
 * @param said what the server had said before
 * @param lost host and port of a connection that has ended; nothing while it lives
 */
export function queryError(error: Error, said: Error | undefined, lost: string | undefined): RequestError {
  if (error instanceof AggregateError) return joined(error);
  if (error instanceof RequestError) {
    return lost && error.code === 'EINVALIDSTATE' ? connectionLost('it had ended before', lost) : error;
  }
  if (lost) return connectionLost(error, lost, said && said !== error ? joined(said) : undefined);
  // Thrown while the parameters were written: by a check, or by the caller's own stream.
  return new RequestError(`The parameters could not be sent. ${reasons(error)}`, 'EPARAM', { cause: error });
}

/** What an error says, and what those below it say. */
function reasons(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${reasons(error.cause)}` : error.message;
}

function connectionLost(cause: unknown, peer: string, said?: RequestError): RequestError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const words = said ? ` SQL Server said before: ${said.message}` : '';
  const message = `The connection to ${peer} was lost before the statement was answered: ${reason}.${words}`;
  const error = new RequestError(message.replace('..', '.'), 'CONNECTION_LOST', { cause });
  return said ? Object.assign(error, serverFields(said)) : error;
}

/** Several errors of the server in one: the first is the cause, the others mostly say that it failed. */
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
