/** Keys of lines that filters look at. Services write their text as `message`, the sidecar its events as `event`. */
export const logKeys = { message: 'msg', event: 'event' } as const;

/** Events of sidecars and doctors by which the release tool counts how often a password was refused lately. */
export const signInEvents = { refused: 'password.refused', taken: 'tgt.obtained' } as const;

/**
 * Lines of logs that alarms are made of: their texts, in the key `logKeys.message`, are a contract between who writes them and the
 * metric filters of the stacks.
 */
export const alarmingLines = {
  /** Web, whenever somebody asks whether it can serve while it cannot reach SQL Server: the load balancer does; a worker at each round. */
  databaseUnreachable: 'the database cannot be reached',
  /** A worker, at each round whose work SQL Server refuses. */
  workRefused: 'the database refuses the work',
  /** A worker, at each round that a fault of its own ends. */
  workFailed: 'the work failed',
} as const;
