/** Errors of AWS that mean "not yet", whatever their HTTP status. */
const notYet: ReadonlySet<string> = new Set([
  // The directory is busy with an earlier change, or its new feature is not available everywhere yet.
  'DirectoryUnavailableException',
  // A new resource is not known everywhere yet.
  'ResourceNotFoundException',
  'UserDoesNotExistException',
]);
/** Possible answers to a role or policy that is only seconds old. */
const denied: ReadonlySet<string> = new Set(['AccessDeniedException', 'InsufficientPermissionsException']);
/** Milliseconds after which a missing permission counts as not granted. */
const permissionLimit = 120_000;
const throttled = /Throttl|TooManyRequests|RequestLimitExceeded|SlowDown/;

interface ServiceError extends Error {
  readonly status?: number;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly code?: unknown;
  /** The Directory Service Data API's own reason, such as `DATA_DISABLED`. */
  readonly reason?: string;
}

/**
 * Whether an error may pass with time: the service is not ready, is busy, does not know a new resource yet, throttles
 * or has a fault, or the network or the peer is silent.
 */
export function passesWithTime(error: unknown, elapsed: number): boolean {
  const { name, status, $metadata, reason } = error as ServiceError;
  if (name === 'AccessDeniedException' && reason === 'DATA_DISABLED') return true;
  if (denied.has(name)) return elapsed < permissionLimit;
  const code = status ?? $metadata?.httpStatusCode;
  if (code === undefined) return isNetworkFault(error as ServiceError);
  return code >= 500 || code === 429 || throttled.test(name) || notYet.has(name);
}

/** There was no answer: the connection was refused, cut off, not resolved, or silent until the limit. */
function isNetworkFault(error: ServiceError): boolean {
  if (['TimeoutError', 'AbortError', 'NotAwsError'].includes(error.name)) return true;
  const { code } = (error.cause ?? error) as ServiceError;
  return typeof code === 'string' && /^(E[A-Z]+|UND_ERR_\w+)$/.test(code);
}
