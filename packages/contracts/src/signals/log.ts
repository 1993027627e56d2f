/**
 * Lines of logs that alarms are made of: their texts, in the key `msg`, are a contract between who writes them and the
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
