/** The metrics that the sidecar sends to CloudWatch, in the embedded metric format. */
export const ticketMetrics = {
  namespace: 'TicketSidecar',
  /** The dimension of every metric; its value is the name of the ECS service. */
  dimension: 'Service',
  /** The second dimension of `RenewalFailures`. */
  errorDimension: 'ErrorCode',
  counters: ['Renewals', 'RenewalFailures', 'KeyChanges', 'RefreshFailures'],
  gauges: [
    'SecondsToExpiry',
    'Degraded',
    'Unhealthy',
    'WeakEncryption',
    'ClockOffsetSeconds',
    'PasswordAgeSeconds',
    'PasswordSecondsToExpiry',
  ],
} as const;

export type TicketCounter = (typeof ticketMetrics.counters)[number];
export type TicketGauge = (typeof ticketMetrics.gauges)[number];
export type TicketMetric = TicketCounter | TicketGauge;
