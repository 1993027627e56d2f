const hints = {
  POOL_TIMEOUT: 'All connections are busy. Raise "max", shorten the queries, or wait longer.',
  POOL_QUEUE_FULL:
    'More callers are waiting for a connection than "maxWaiting" allows. Tell them to try again later.',
  POOL_CLOSED: 'The pool is being drained, for example for a shutdown.',
  CANCELED: 'The caller aborted its signal while waiting for a connection.',
} as const;

export type PoolErrorCode = keyof typeof hints;

/** Why a pool provided no connection. (A failed login is a `LoginError`.) */
export class PoolError extends Error {
  override readonly name = 'PoolError';
  readonly code: PoolErrorCode;
  readonly hint: string;

  constructor(code: PoolErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.hint = hints[code];
  }
}
