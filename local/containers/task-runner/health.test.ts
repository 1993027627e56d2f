import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Health, watchHealth } from './health.ts';

const check = {
  Command: ['CMD', 'true'] as ['CMD', string],
  Interval: 10,
  Timeout: 5,
  Retries: 3,
  StartPeriod: 30,
};
const watches: AbortController[] = [];

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => {
  for (const watch of watches.splice(0)) watch.abort();
  vi.useRealTimers();
});

/** A container whose probes return these results in turn, the last one repeatedly. */
function watched(...answers: boolean[]) {
  const states: Health[] = [];
  const watch = new AbortController();
  watches.push(watch);
  const probe = vi.fn(async (_limit: number) =>
    answers.length > 1 ? (answers.shift() as boolean) : (answers[0] as boolean),
  );
  void watchHealth({
    check,
    probe,
    onChange: (health) => states.push(health),
    signal: watch.signal,
    delay: fakeDelay,
  });
  return { states, probe, watch };
}
const fakeDelay = (milliseconds: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });

test('failures in the start period do not count; one success makes it healthy', async () => {
  const { states } = watched(false, false, false, false, true);
  await vi.advanceTimersByTimeAsync(5000);
  expect(states).toEqual(['HEALTHY']);
});

test('a healthy container is probed every interval, and becomes unhealthy after three consecutive failures', async () => {
  const { states, probe } = watched(true, false, false, true, false);
  await vi.advanceTimersByTimeAsync(0);
  expect(probe).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(50_000);
  expect(states).toEqual(['HEALTHY']);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(states).toEqual(['HEALTHY', 'UNHEALTHY']);
});

test('a container that does not become healthy is unhealthy after the start period', async () => {
  const { states } = watched(false);
  await vi.advanceTimersByTimeAsync(29_000);
  expect(states).toEqual([]);
  await vi.advanceTimersByTimeAsync(5000);
  expect(states).toEqual(['UNHEALTHY']);
});

test('the probe gets the time-out in milliseconds, and stops when the watch stops', async () => {
  const { probe, watch } = watched(true);
  await vi.advanceTimersByTimeAsync(0);
  expect(probe).toHaveBeenCalledWith(5000);
  watch.abort();
  await vi.advanceTimersByTimeAsync(100_000);
  expect(probe).toHaveBeenCalledTimes(1);
});
