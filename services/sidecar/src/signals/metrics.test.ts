import { ticketMetrics } from '@packages/contracts';
import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';

const now = new Date('2026-01-01T00:00:00Z');

function lines(use: (metrics: ReturnType<typeof createMetrics>) => void): unknown[] {
  const written: string[] = [];
  const write = (line: string) => written.push(line);
  use(createMetrics({ namespace: 'Tickets', serviceName: 'web', write, now: () => now }));
  expect(written.every((line) => line.indexOf('\n') === line.length - 1)).toBe(true);
  return written.map((line) => JSON.parse(line));
}

test('gauges are metrics of the service, and unknown values are left out', () => {
  const gauges = { SecondsToExpiry: 90, Degraded: 0, Unhealthy: 1, PasswordAgeSeconds: undefined } as const;
  expect(lines((metrics) => metrics.gauge(gauges))).toEqual([
    {
      _aws: {
        Timestamp: now.getTime(),
        CloudWatchMetrics: [
          {
            Namespace: 'Tickets',
            Dimensions: [['Service']],
            Metrics: [
              { Name: 'SecondsToExpiry', Unit: 'Seconds' },
              { Name: 'Degraded', Unit: 'Count' },
              { Name: 'Unhealthy', Unit: 'Count' },
            ],
          },
        ],
      },
      Service: 'web',
      SecondsToExpiry: 90,
      Degraded: 0,
      Unhealthy: 1,
    },
  ]);
});

test('failures are counted for the service, and by error', () => {
  const [line] = lines((metrics) => metrics.failed('clock-skew', 'KRB_AP_ERR_SKEW'));
  expect(line).toMatchObject({
    _aws: { CloudWatchMetrics: [{ Dimensions: [['Service'], ['Service', 'ErrorCode']] }] },
    Service: 'web',
    ErrorCode: 'clock-skew',
    KerberosError: 'KRB_AP_ERR_SKEW',
    RenewalFailures: 1,
  });
});

test('renewals are counted, together with the encryption type', () => {
  const [line] = lines((metrics) => metrics.renewed('aes256-cts-hmac-sha1-96'));
  expect(line).toMatchObject({ Renewals: 1, EncryptionType: 'aes256-cts-hmac-sha1-96' });
});

test('every counter of the contract is sent', () => {
  const sent = lines((metrics) => {
    metrics.renewed('aes256-cts-hmac-sha1-96');
    metrics.failed('clock-skew', undefined);
    metrics.keyChanged();
    metrics.refreshFailed('clock-skew');
  });
  const counted = ticketMetrics.counters.filter((name) => sent.some((line) => name in (line as object)));
  expect(counted, 'createMetrics needs a method for each, called here').toEqual([...ticketMetrics.counters]);
});
