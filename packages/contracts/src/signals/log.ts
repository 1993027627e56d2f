/**
 * Keys of log lines that metric filters match. Services log their text as `message`, the sidecar logs its events as
 * `event`.
 */
export const logKeys = { message: 'msg', event: 'event' } as const;

/** Events of sidecars and doctors from which the release tool counts how often a password was refused recently. */
export const signInEvents = { refused: 'password.refused', taken: 'tgt.obtained' } as const;

/**
 * Log lines that alarms count. Their texts, in the key `logKeys.message`, are a contract between the programs that log
 * them and the metric filters of the stacks.
 */
export const alarmingLines = {
  /** SQL Server cannot be reached. Web logs this at each health check, a worker in each round. */
  databaseUnreachable: 'the database cannot be reached',
  /** SQL Server refused a worker's work; logged in each such round. */
  workRefused: 'the database refuses the work',
  /** A round of a worker ended with an error of its own; logged in each such round. */
  workFailed: 'the work failed',
} as const;
