import { setTimeout as timer } from 'node:timers/promises';
import type { ContainerDefinition } from '../../service/task-definition/schema.ts';

export type Health = 'UNKNOWN' | 'HEALTHY' | 'UNHEALTHY';

export interface HealthOptions {
  readonly check: NonNullable<ContainerDefinition['HealthCheck']>;
  /** Runs the command in the container; resolves to whether it exited with 0 within the time limit in milliseconds. */
  readonly probe: (timeLimit: number) => Promise<boolean>;
  readonly onChange: (health: Health) => void;
  /** Stops watching. */
  readonly signal: AbortSignal;
  /** For tests: waits for this time, or until the signal. */
  readonly delay?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** The pause between two probes of a container that has not been healthy yet. */
const eagerMilliseconds = 200;

/**
 * Watches a container's health as ECS does: one success makes it healthy, and a number of consecutive failures makes it
 * unhealthy; failures during the start period do not count. Until the first success it probes more often than the
 * interval says, so that measured start times do not depend on the interval.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/healthcheck.html
 */
export async function watchHealth(options: HealthOptions): Promise<void> {
  const { check, probe, onChange, signal, delay = wait } = options;
  const started = performance.now();
  let health: Health = 'UNKNOWN';
  let failures = 0;
  while (!signal.aborted) {
    const began = performance.now();
    const success = await probe(check.Timeout * 1000);
    if (signal.aborted) return;
    const starting = health === 'UNKNOWN' && began - started < check.StartPeriod * 1000;
    failures = success || starting ? 0 : failures + 1;
    const next: Health = success ? 'HEALTHY' : failures >= check.Retries ? 'UNHEALTHY' : health;
    if (next !== health) onChange(next);
    health = next;
    const pause = health === 'UNKNOWN' ? eagerMilliseconds : check.Interval * 1000;
    await delay(pause, signal);
  }
}

async function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  await timer(milliseconds, undefined, { signal }).catch(() => {});
}
