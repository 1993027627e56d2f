/** Errors of AWS that mean "not yet", whatever their HTTP status. */
const notYet: ReadonlySet<string> = new Set([
  // The directory is busy with an earlier change, or its new feature has not arrived everywhere.
  'DirectoryUnavailableException',
  // What was just made is not known everywhere.
  'ResourceNotFoundException',
  'UserDoesNotExistException',
]);
/** What a role that is seconds old, or a policy, may be answered with. */
const denied: ReadonlySet<string> = new Set(['AccessDeniedException', 'InsufficientPermissionsException']);
/** Milliseconds after which a permission that is missing is taken for one that was not given. */
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
 * Whether an answer, or its absence, may pass with time: the service is not ready, is busy, does not know yet what was
 * just made, throttles or has a fault; the network or the peer is silent.
 */
export function passesWithTime(error: unknown, elapsed: number): boolean {
  const { name, status, $metadata, reason } = error as ServiceError;
  if (name === 'AccessDeniedException' && reason === 'DATA_DISABLED') return true;
  if (denied.has(name)) return elapsed < permissionLimit;
  const code = status ?? $metadata?.httpStatusCode;
  if (code === undefined) return isNetworkFault(error as ServiceError);
  return code >= 500 || code === 429 || throttled.test(name) || notYet.has(name);
}

/** No answer came: refused, cut off, not resolved, or silent until the limit. */
function isNetworkFault(error: ServiceError): boolean {
  if (['TimeoutError', 'AbortError', 'NotAwsError'].includes(error.name)) return true;
  const { code } = (error.cause ?? error) as ServiceError;
  return typeof code === 'string' && /^(E[A-Z]+|UND_ERR_\w+)$/.test(code);
}
