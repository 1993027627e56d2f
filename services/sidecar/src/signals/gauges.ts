import { isWeakEncryption } from '../kerberos/encryption-type.ts';
import type { StatusKeeper } from '../ticket/status-keeper.ts';
import type { TgtKeeper } from '../ticket/tgt-keeper.ts';
import type { Gauges, Metrics } from './metrics.ts';

export interface GaugesOptions {
  readonly status: Pick<StatusKeeper, 'state' | 'ticket'>;
  readonly tgt: Pick<TgtKeeper, 'password'>;
  readonly metrics: Pick<Metrics, 'gauge'>;
  readonly now: () => Date;
  readonly everySeconds: number;
}

/** Sends the gauges periodically. */
export function reportGauges(options: GaugesOptions): { stop(): void } {
  const timer = setInterval(() => options.metrics.gauge(readGauges(options)), options.everySeconds * 1000);
  return { stop: () => clearInterval(timer) };
}

/** All gauges of the contract; those not known are `undefined`. */
function readGauges({ status, tgt, now }: GaugesOptions): Required<Gauges> {
  const { ticket, state } = status;
  const { changedAt, expiresAt } = tgt.password;
  return {
    // 0 without a ticket, so that an alarm on a low value also fires for a sidecar that never got one.
    SecondsToExpiry: ticket ? secondsBetween(now(), ticket.endsAt) : 0,
    Degraded: state === 'degraded' ? 1 : 0,
    Unhealthy: state === 'unhealthy' ? 1 : 0,
    WeakEncryption: ticket && (isWeakEncryption(ticket.encryptionType) ? 1 : 0),
    ClockOffsetSeconds: ticket && Math.abs(ticket.clockOffset),
    PasswordAgeSeconds: changedAt && secondsBetween(changedAt, now()),
    PasswordSecondsToExpiry: expiresAt && secondsBetween(now(), expiresAt),
  };
}

/** At least zero, also when the interval is over. */
function secondsBetween(from: Date, to: Date): number {
  return Math.max(0, Math.round((to.getTime() - from.getTime()) / 1000));
}
