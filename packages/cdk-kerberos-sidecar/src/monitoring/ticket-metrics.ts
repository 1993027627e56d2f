import { ticketMetrics as contract, type TicketMetric } from '@packages/contracts';
import { Duration } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';

const definitions = {
  secondsToExpiry: ['SecondsToExpiry', 'Shortest ticket, seconds left', Stats.MINIMUM],
  renewals: ['Renewals', 'Renewed', Stats.SUM],
  renewalFailures: ['RenewalFailures', 'Failed', Stats.SUM],
  withoutTicket: ['Unhealthy', 'Without a ticket', Stats.MAXIMUM],
  weakEncryption: ['WeakEncryption', 'RC4 ticket', Stats.MAXIMUM],
  clockOffset: ['ClockOffsetSeconds', 'Clock offset, seconds', Stats.MAXIMUM],
  passwordLeft: ['PasswordSecondsToExpiry', 'Password, seconds left', Stats.MINIMUM],
} as const satisfies Record<string, readonly [TicketMetric, label: string, statistic: string]>;

export type TicketMetricName = keyof typeof definitions;
export type TicketMetrics = Readonly<Record<TicketMetricName, Metric>>;

export const defaultNamespace: string = contract.namespace;

/**
 * Metrics about the tickets of one service's sidecars, over all its tasks, in periods of five minutes.
 *
 * @param serviceName the sidecars' `serviceName`
 */
export function ticketMetricsOf(serviceName: string, namespace: string = defaultNamespace): TicketMetrics {
  const metric = ([metricName, label, statistic]: (typeof definitions)[TicketMetricName]) =>
    new Metric({
      namespace,
      metricName,
      label,
      statistic,
      dimensionsMap: { [contract.dimension]: serviceName },
      period: Duration.minutes(5),
    });
  return Object.fromEntries(
    Object.entries(definitions).map(([name, definition]) => [name, metric(definition)]),
  ) as TicketMetrics;
}
