/** Something a person can mend; its message is all that is shown. */
export class ReleaseError extends Error {
  override readonly name = 'ReleaseError';
}

interface AwsError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
  readonly $fault?: 'client' | 'server';
  readonly code?: string;
}

const noCredentials =
  'There are no AWS credentials here. Sign in (aws sso login), name the profile in AWS_PROFILE, and try again.';

/** What AWS's error names mean to a person, and what to do. */
const explanations: Readonly<Record<string, (message: string) => string>> = {
  CredentialsProviderError: () => noCredentials,
  ExpiredToken: () => 'The AWS credentials have expired. Sign in again (aws sso login).',
  ExpiredTokenException: () => 'The AWS credentials have expired. Sign in again (aws sso login).',
  UnrecognizedClientException: () =>
    'AWS does not know these credentials. Are they for the right account? See: aws sts get-caller-identity.',
  InvalidClientTokenId: () =>
    'AWS does not know these credentials. Are they for the right account? See: aws sts get-caller-identity.',
  AccessDenied: (message) => denied(message),
  AccessDeniedException: (message) => denied(message),
  ThrottlingException: () =>
    'AWS is throttling this account and went on doing so through all retries. Wait a minute and try again.',
  PipelineNotFoundException: (message) =>
    `${message} Is this the tools account and region, and has the pipeline been deployed? docs/bootstrap.md says how.`,
};

function denied(message: string): string {
  const action = /perform: (\S+)/.exec(message)?.[1];
  return action
    ? `These credentials may not do ${action}. ${message}`
    : `These credentials do not have the right to do this. ${message}`;
}

/** One or two sentences for a person: what happened, and what to do where that is known. Never a stack trace. */
export function explainAwsError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { name, message, $metadata, code } = error as AwsError;
  const explain = explanations[name];
  if (explain) return explain(message);
  if (name === 'AbortError') return 'Stopped.';
  const network = code ?? (error.cause as AwsError | undefined)?.code;
  if (network && /^E[A-Z_]+$/.test(network)) {
    return `AWS cannot be reached (${network}${message ? `: ${message}` : ''}). Is there a way to the internet, or a proxy to name?`;
  }
  return $metadata ? `AWS refused: ${name}: ${message}` : message;
}
