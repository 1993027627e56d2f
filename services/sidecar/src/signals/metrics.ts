import { type TicketGauge, type TicketMetric, ticketMetrics } from '@packages/contracts';

/** The gauges' values; those not known are absent and are not sent. */
export type Gauges = Readonly<Partial<Record<TicketGauge, number | undefined>>>;

/** CloudWatch metrics, all with the dimension `Service`. */
export interface Metrics {
  /** Counts a published ticket (`Renewals`). */
  renewed(encryptionType: string): void;
  /** Counts a failure (`RenewalFailures`), also by the dimension `ErrorCode`. */
  failed(errorCode: string, kerberosError: string | undefined): void;
  /** Counts a change of the SQL Server's key (`KeyChanges`), as after a failover. */
  keyChanged(): void;
  /** Counts a refresh that yielded no ticket (`RefreshFailures`); the published one stays in use. */
  refreshFailed(errorCode: string): void;
  gauge(gauges: Gauges): void;
}

export interface MetricsOptions {
  readonly namespace: string;
  readonly serviceName: string;
  readonly write: (line: string) => void;
  readonly now: () => Date;
}

/**
 * Metrics in CloudWatch's embedded metric format: JSON lines among the log, which CloudWatch Logs turns into metrics.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function createMetrics({ namespace, serviceName, write, now }: MetricsOptions): Metrics {
  function emit(
    values: Readonly<Partial<Record<TicketMetric, number>>>,
    properties: Readonly<Record<string, string>> = {},
    dimensions: readonly (readonly string[])[] = [[ticketMetrics.dimension]],
  ): void {
    const metrics = Object.keys(values).map((name) => ({ Name: name, Unit: unit(name) }));
    const declaration = { Namespace: namespace, Dimensions: dimensions, Metrics: metrics };
    const _aws = { Timestamp: now().getTime(), CloudWatchMetrics: [declaration] };
    write(`${JSON.stringify({ _aws, [ticketMetrics.dimension]: serviceName, ...properties, ...values })}\n`);
  }

  return {
    renewed: (encryptionType) => emit({ Renewals: 1 }, { EncryptionType: encryptionType }),
    failed: (errorCode, kerberosError) =>
      emit(
        { RenewalFailures: 1 },
        { [ticketMetrics.errorDimension]: errorCode, ...(kerberosError && { KerberosError: kerberosError }) },
        [[ticketMetrics.dimension], [ticketMetrics.dimension, ticketMetrics.errorDimension]],
      ),
    keyChanged: () => emit({ KeyChanges: 1 }),
    refreshFailed: (errorCode) => emit({ RefreshFailures: 1 }, { ErrorCode: errorCode }),
    gauge(gauges) {
      const known = Object.entries(gauges).filter(
        (entry): entry is [string, number] => entry[1] !== undefined,
      );
      emit(Object.fromEntries(known));
    },
  };
}

function unit(name: string): 'Seconds' | 'Count' {
  return name.includes('Seconds') ? 'Seconds' : 'Count';
}
