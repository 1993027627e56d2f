/** A call that reached the endpoint. */
export interface Call {
  /** For example `PutSecretValue`. */
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** 1 for the first call after the start. */
  readonly number: number;
}

/**
 * A fault in a call. `throttle` and `unavailable` answer with a retryable error and do nothing; `refuse-before` and
 * `refuse-after` answer with an error that clients do not retry, before or after the call has taken effect;
 * `cut-before` and `cut-after` close the connection without an answer; `silent` accepts the call but does not answer.
 */
export type Fault =
  | 'throttle'
  | 'unavailable'
  | 'refuse-before'
  | 'refuse-after'
  | 'cut-before'
  | 'cut-after'
  | 'silent';

/** Decides for each call whether it fails, and how. */
export type FaultPlan = (call: Call) => Fault | undefined;
