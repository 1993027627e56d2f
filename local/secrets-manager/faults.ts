/** A call as it reached the endpoint. */
export interface Call {
  /** For example `PutSecretValue`. */
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** 1 for the first call since the start. */
  readonly number: number;
}

/**
 * What goes wrong with a call:
 * `throttle` and `unavailable` answer with a retryable error and do nothing; `refuse-before` and `refuse-after` answer
 * with an error that no client retries, before or after the call took effect; `cut-before` and `cut-after` close the
 * connection without an answer; `silent` takes the call and never answers.
 */
export type Fault =
  | 'throttle'
  | 'unavailable'
  | 'refuse-before'
  | 'refuse-after'
  | 'cut-before'
  | 'cut-after'
  | 'silent';

/** Decides for each call whether, and how, it goes wrong. */
export type FaultPlan = (call: Call) => Fault | undefined;
