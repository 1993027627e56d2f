import { AssertionError } from 'node:assert';
import { ConnectionError } from 'tedious';
import type { LoginErrorCode } from './codes.ts';
import { LoginError, type LoginStep, type ServerErrorToken } from './login-error.ts';

/** Server and step of the login when an error occurred. */
export interface LoginContext {
  readonly host: string;
  readonly port: number | undefined;
  readonly step: LoginStep;
}

/**
 * Codes for the error numbers with which a server refuses a login.
 *
 * @see https://learn.microsoft.com/sql/relational-databases/errors-events/mssqlserver-18456-database-engine-error
 */
const serverErrors: Readonly<Record<number, LoginErrorCode>> = {
  18452: 'UNTRUSTED_DOMAIN',
  18456: 'LOGIN_REFUSED',
  18470: 'LOGIN_REFUSED',
  ...unavailable(4060, 4064, 911, 913, 916),
  // The database is not open: in recovery, restore, transition or maintenance, offline or suspect.
  ...unavailable(904, 921, 922, 923, 924, 926, 927, 941, 942, 945, 952, 40_613),
  // The database is active on another server of its mirror or availability group.
  ...unavailable(954, 955, 956, 976, 978, 979, 982, 983, 988, 4221),
};

function unavailable(...numbers: readonly number[]): Record<number, LoginErrorCode> {
  return Object.fromEntries(numbers.map((number) => [number, 'DATABASE_UNAVAILABLE']));
}

/** Makes a {@link LoginError} from the server's ERROR token. */
export function explainServerError(token: ServerErrorToken, context: LoginContext): LoginError {
  const message = `SQL Server ${context.host} refused the login: ${token.message} (error ${token.number}, state ${token.state}).`;
  return new LoginError(serverErrors[token.number] ?? 'SERVER_ERROR', { ...context, message, server: token });
}

/**
 * Makes a {@link LoginError} from any error while connecting. Returns a LoginError unchanged.
 */
export function explainConnectionError(error: unknown, context: LoginContext): LoginError {
  if (error instanceof LoginError) return error;
  const where = context.port ? `${context.host}:${context.port}` : context.host;
  const [code, what] = classify(error, context.step);
  // tedious advises turning encryption off, which would expose the login to anyone on the network.
  const detail = text(rootCause(error)).replace(/ Set 'encrypt' to `false`.*$/s, '');
  return new LoginError(code, {
    ...context,
    message: `${what(where, context.step)}: ${detail}`,
    cause: error,
  });
}

type Sentence = (where: string, step: LoginStep) => string;

function classify(error: unknown, step: LoginStep): [LoginErrorCode, Sentence] {
  if (isProgramFault(error))
    return ['INTERNAL_ERROR', (where) => `Logging in to ${where} failed because of a bug in the program`];
  if (!(error instanceof ConnectionError)) {
    return ['PROTOCOL_ERROR', (where) => `${where} did not answer like SQL Server`];
  }
  switch (error.code) {
    case 'ETIMEOUT':
      return ['TIMEOUT', (where, at) => `Logging in to ${where} took too long, at step "${at}"`];
    case 'ECLOSE':
      return ['CANCELED', (where, at) => `Logging in to ${where} was canceled, at step "${at}"`];
    case 'EINSTLOOKUP':
      if (isUnresolved(rootCause(error))) return unresolved;
      return ['INSTANCE_NOT_FOUND', (where) => `The named instance on ${where} was not found`];
    case 'EENCRYPT':
      if (/^Malformed/.test(error.message)) break;
      return ['ENCRYPTION_REFUSED', (where) => `The connection to ${where} could not be encrypted`];
    case 'ESOCKET':
      return classifySocketError(rootCause(error), step);
  }
  return ['PROTOCOL_ERROR', (where) => `${where} did not complete the login`];
}

function classifySocketError(cause: unknown, step: LoginStep): [LoginErrorCode, Sentence] {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if ((step === 'connect' || step === 'tls') && isOptionFault(cause, code)) {
    return ['OPTION_INVALID', (where) => `Not connected to ${where}: an option cannot be used`];
  }
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG') {
    return ['PROTOCOL_ERROR', (where) => `${where} does not speak TLS`];
  }
  if (code.startsWith('ERR_SSL_') || code === 'EPROTO') {
    return ['ENCRYPTION_REFUSED', (where) => `${where} and this client do not agree on TLS`];
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return ['TLS_NAME_MISMATCH', (where) => `The certificate of ${where} is for another name`];
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO_|SIGNATURE|CHAIN/.test(code)) {
    return ['TLS_NOT_TRUSTED', (where) => `The certificate of ${where} is not trusted`];
  }
  if (isUnresolved(cause)) return unresolved;
  // An ESOCKET without a socket error as its cause is about malformed packets.
  if (cause instanceof ConnectionError) return ['PROTOCOL_ERROR', (where) => `${where} does not speak TDS`];
  if (step === 'connect') return ['CONNECTION_FAILED', (where) => `Could not connect to ${where}`];
  return ['CONNECTION_LOST', (where, at) => `The connection to ${where} was lost at step "${at}"`];
}

const unresolved: [LoginErrorCode, Sentence] = [
  'HOST_NOT_FOUND',
  (where) => `The name of ${where} does not resolve`,
];

function isUnresolved(cause: unknown): boolean {
  const { code, syscall } = (cause ?? {}) as NodeJS.ErrnoException;
  return /^(ENOTFOUND|EAI_\w+)$/.test(String(code)) || /^(getaddrinfo|query)/.test(String(syscall));
}

/** Whether the failure is on our side, caused by an option and not by the server. */
function isOptionFault(cause: unknown, code: string): boolean {
  return (
    (cause as NodeJS.ErrnoException | undefined)?.syscall === 'bind' ||
    isProgramFault(cause) ||
    /^ERR_(OSSL_|INVALID_|SSL_NO_(?:CIPHER_MATCH|PROTOCOLS_AVAILABLE)$|TLS_INVALID_)/.test(code)
  );
}

const programFaults = [
  TypeError,
  RangeError,
  ReferenceError,
  SyntaxError,
  EvalError,
  URIError,
  AssertionError,
];

/** Whether it is a programming error. Errors caused by the server's bytes are made ConnectionErrors where they are read. */
export function isProgramFault(error: unknown): boolean {
  return programFaults.some((fault) => error instanceof fault);
}

/** Unwraps tedious' error. If several addresses were tried, returns the error of the last one. */
function rootCause(error: unknown): unknown {
  const cause = error instanceof ConnectionError && error.cause ? error.cause : error;
  return cause instanceof AggregateError ? (cause.errors.at(-1) ?? cause) : cause;
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
