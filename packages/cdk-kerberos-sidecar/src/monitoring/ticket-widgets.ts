import { GraphWidget } from 'aws-cdk-lib/aws-cloudwatch';
import type { TicketMetrics } from './ticket-metrics.ts';

/** Two graphs for a row of a dashboard: the remaining lifetime of tickets and password, and the results of renewals. */
export function ticketWidgets(metrics: TicketMetrics): [GraphWidget, GraphWidget] {
  const size = { width: 12, height: 6 };
  return [
    new GraphWidget({
      title: 'Tickets: seconds to expiry',
      left: [metrics.secondsToExpiry],
      right: [metrics.passwordLeft],
      ...size,
    }),
    new GraphWidget({
      title: 'Tickets: renewals',
      left: [metrics.renewals, metrics.renewalFailures],
      right: [metrics.withoutTicket],
      ...size,
    }),
  ];
}
