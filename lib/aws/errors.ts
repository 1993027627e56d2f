import { explainMissingCredentials } from './missing-credentials.ts';
import type { AwsCall } from './patience.ts';
import { printable } from './plain-text.ts';

/** An error that a person can fix; only its message is shown. */
export class ReleaseError extends Error {
  override readonly name = 'ReleaseError';
}

interface AwsError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
  readonly $response?: {
    readonly statusCode?: number;
    readonly headers?: Readonly<Record<string, string>>;
  };
  readonly $fault?: 'client' | 'server';
  readonly code?: string;
  readonly call?: AwsCall;
}

/** Explains AWS's error names to a person, and says what to do. */
const explanations: Readonly<Record<string, (error: AwsError) => string>> = {
  CredentialsProviderError: credentials,
  TokenProviderError: credentials,
  ExpiredToken: expired,
  ExpiredTokenException: expired,
  UnrecognizedClientException: unknownCredentials,
  InvalidClientTokenId: unknownCredentials,
  InvalidAccessKeyId: unknownCredentials,
  AccessDenied: denied,
  AccessDeniedException: denied,
  UnauthorizedOperation: denied,
  AuthorizationError: denied,
  AuthorizationErrorException: denied,
  ...named(throttled, [
    ...['Throttling', 'ThrottlingException', 'ThrottledException', 'TooManyRequestsException'],
    ...['RequestLimitExceeded', 'RequestThrottled', 'RequestThrottledException', 'SlowDown'],
  ]),
  PipelineNotFoundException: ({ message }) =>
    `${sentence(message)} Is this the tools account and region, and has the pipeline been deployed? docs/bootstrap.md says how.`,
  TimeoutError: noAnswer,
  NoAnswerError: noAnswer,
  AbortError: () => 'Stopped.',
  UnknownEndpoint: unreachable,
};

function named(explain: (error: AwsError) => string, names: readonly string[]) {
  return Object.fromEntries(names.map((name) => [name, explain]));
}

/** Adds a full stop unless the text ends in punctuation, so that another sentence can follow. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  return trimmed === '' || /[.!?…]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

/**
 * Explains an error to a person in full sentences: what happened, the likely cause and, where known, the remedy. Leaves
 * out the stack trace.
 */
export function explainAwsError(error: unknown): string {
  return printable(explanation(error), false);
}

function explanation(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const awsError = error as AwsError;
  const { message, $metadata } = awsError;
  if (isWrongClock(awsError)) return wrongClock(awsError);
  const explain = explanations[error.name];
  if (explain) return explain(awsError);
  const { code } = rootOf(awsError);
  if (code && untrusted.test(code)) return untrustedCertificate(awsError, code);
  // File system errors do not come from AWS.
  if ('path' in rootOf(awsError)) return message;
  if (code && /^E[A-Z_]+$/.test(code)) return unreachable(awsError);
  if (isForeign(awsError)) return foreignAnswer(awsError);
  if ((statusOf(awsError) ?? 0) >= 500) return serverFault(awsError);
  return $metadata ? `AWS refused: ${error.name}: ${sentence(message)}` : message;
}

/** The root cause: clients wrap network errors. */
function rootOf(error: AwsError): AwsError {
  const { cause } = error;
  return !error.code && cause instanceof Error ? rootOf(cause as AwsError) : error;
}

function statusOf({ $metadata, $response }: AwsError): number | undefined {
  return $metadata?.httpStatusCode ?? $response?.statusCode;
}

const serviceOf = ({ call }: AwsError) => call?.service ?? 'AWS';
const requestOf = ({ call }: AwsError) => (call ? `${call.operation} of ${call.service}` : 'a request');

function credentials({ message }: AwsError): string {
  return explainMissingCredentials(message);
}

function expired(): string {
  return 'The AWS credentials have expired. Sign in again (aws sso login).';
}

function unknownCredentials(): string {
  return 'AWS does not know these credentials. Are they for the right account? See: aws sts get-caller-identity.';
}

function denied({ message }: AwsError): string {
  const action = /perform: (\S+)/.exec(message)?.[1]?.replace(/[.,;]$/, '');
  return action
    ? `These credentials are not allowed to perform ${action}. ${sentence(message)}`
    : `These credentials do not have the right to do this. ${sentence(message)}`;
}

function throttled(): string {
  return 'AWS is throttling this account, and kept doing so through all retries. Wait a minute and try again.';
}

function noAnswer(error: AwsError): string {
  if (/did not establish a connection/.test(error.message)) {
    return `${serviceOf(error)} cannot be reached: connection attempts get no answer. Does a firewall block this machine's access to the internet, or the network's access to its endpoint? Allow the connection and try again.`;
  }
  return `${serviceOf(error)} accepts connections, but has not answered ${error.call?.operation ?? 'a request'} or its retries. A proxy or a firewall may be in the way, or AWS has a problem (https://health.aws.amazon.com). Try again later.`;
}

/** Node.js error codes for certificates that cannot be trusted. */
const untrusted = /^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_|ERR_TLS_CERT_|HOSTNAME_MISMATCH|INVALID_CA)/;

function untrustedCertificate(error: AwsError, code: string): string {
  return `${serviceOf(error)} presents a certificate that this machine does not trust (${code}). Does a proxy inspect TLS here? Then name the file with its CA certificate in NODE_EXTRA_CA_CERTS and try again.`;
}

function unreachable(error: AwsError): string {
  const { code, message } = rootOf(error);
  const what = `${serviceOf(error)} cannot be reached (${code ?? error.name}${message ? `: ${message}` : ''}).`;
  return code === 'ENOTFOUND' || code === 'EAI_AGAIN'
    ? `${what} Its name cannot be resolved: are the internet and its name servers reachable, and does the region exist?`
    : `${what} Is the internet reachable, or does a firewall block the connection?`;
}

/** Whether an answer is a page for people: AWS services answer in JSON, XML or CBOR, also with errors. */
export function isPage(contentType: string | undefined): boolean {
  return /^text\/(html|plain)/i.test(contentType ?? '');
}

/** Whether something other than AWS answered: the answer cannot be parsed as one of AWS. */
function isForeign({ name, $response, message }: AwsError): boolean {
  const type = $response?.headers?.['content-type'] ?? '';
  return isPage(type) || name === 'SyntaxError' || /Deserialization error/.test(message);
}

function foreignAnswer(error: AwsError): string {
  const { statusCode, headers = {} } = error.$response ?? {};
  const what = [statusCode && `HTTP ${statusCode}`, headers['content-type']].filter(Boolean).join(', ');
  return `Something other than AWS has answered ${requestOf(error)}${what ? ` (${what})` : ''}. Is there a proxy, or a sign-in page of the network, in between? And is AWS_ENDPOINT_URL set by mistake?`;
}

function serverFault(error: AwsError): string {
  const { name, message } = error;
  const what = [name, message].filter((part) => part && part !== 'UnknownError' && part !== 'Unknown');
  return `${serviceOf(error)} has a problem (${[`HTTP ${statusOf(error)}`, ...new Set(what)].join(', ')}), which persisted through all retries. Try again in a few minutes; https://health.aws.amazon.com reports larger ones.`;
}

function isWrongClock({ name, message }: AwsError): boolean {
  return (
    /^(RequestTimeTooSkewed|RequestExpired|RequestInTheFuture)$/.test(name) ||
    /Signature (expired|not yet current)/.test(message)
  );
}

function wrongClock({ $response }: AwsError): string {
  const theirs = Date.parse($response?.headers?.date ?? '');
  const offset = Math.round((Date.now() - theirs) / 1000);
  const difference =
    Number.isFinite(offset) && Math.abs(offset) >= 60
      ? `: it is ${Math.abs(offset)} s ${offset > 0 ? 'ahead of' : 'behind'} that of AWS`
      : '';
  return `AWS refused the request's time: the clock of this machine is wrong${difference}. Set it (timedatectl set-ntp true) and try again.`;
}
