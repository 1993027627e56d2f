/**
 * Keys of log lines that metric filters match. Services write their text as `message`, the sidecar its events as `event`.
 */
export const logKeys = { message: 'msg', event: 'event' } as const;

/** Events of sidecars and doctors by which the release tool counts how often a password was refused lately. */
export const signInEvents = { refused: 'password.refused', taken: 'tgt.obtained' } as const;

/**
 * Log lines that alarms count: their texts, in the key `logKeys.message`, are a contract between the programs that write
 * them and the metric filters of the stacks.
 */
export const alarmingLines = {
  /** SQL Server cannot be reached: web says so at each health check, a worker at each round. */
  databaseUnreachable: 'the database cannot be reached',
  /** A worker, at each round whose work SQL Server refuses. */
  workRefused: 'the database refuses the work',
  /** A worker, at each round that a fault of its own ends. */
  workFailed: 'the work failed',
} as const;
