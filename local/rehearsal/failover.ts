import { setTimeout as delay } from 'node:timers/promises';
import { within } from '../processes/within.ts';
import { type LoadOutcome, startLoad } from '../testing/steady-load.ts';
import type { Rehearsal } from './rehearsal.ts';

export interface FailoverOutcome extends LoadOutcome {
  /** Seconds from the failover to the end of the last failed request; 0 if none failed. */
  readonly secondsToRecover: number;
}

/**
 * Milliseconds without a failure after which the service counts as recovered: longer than a request waits for the
 * database.
 */
const calm = 10_000;

/** How long to wait for the service to recover, in milliseconds. */
const limit = 120_000;

/**
 * Replaces the host of SQL Server under load, as RDS does in a failover or for maintenance: all connections end, and
 * the account that holds the service principal name gets a new key, so existing service tickets become useless.
 *
 * @throws Error when requests still fail after two minutes
 */
export async function failOverUnderLoad(
  rehearsal: Rehearsal,
  requestsPerSecond = 20,
): Promise<FailoverOutcome> {
  const { url } = rehearsal.part('loadBalancer');
  const load = startLoad([`${url}/api/albums`], requestsPerSecond);
  // Give the load a second in a healthy system first.
  await delay(1000);
  await rehearsal.part('sqlServer').failOver({ newKey: true });
  const failedOver = performance.now();
  const recovered = await within(limit, () => {
    const since = Math.max(failedOver, load.lastFailure ?? 0);
    return performance.now() - since > calm && (load.lastSuccess ?? 0) > since;
  });
  const { lastFailure } = load;
  const outcome = await load.stop();
  if (!recovered) {
    const { requests, failures } = outcome;
    throw new Error(
      `${failures.length} of ${requests} requests failed, and the service has not recovered after ${limit / 1000} s. ` +
        `The last failure: ${failures.at(-1) ?? 'none'}`,
    );
  }
  const secondsToRecover = lastFailure === undefined ? 0 : Math.max(0, lastFailure - failedOver) / 1000;
  return { ...outcome, secondsToRecover };
}

/** Describes the outcome for the user. */
export function describeFailover({ requests, failures, secondsToRecover }: FailoverOutcome): string {
  return failures.length === 0
    ? `none of ${requests} requests failed`
    : `${failures.length} of ${requests} requests failed, the last one ${secondsToRecover.toFixed(1)} s after the failover`;
}
