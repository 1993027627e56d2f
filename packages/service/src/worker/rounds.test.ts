import { expect, test } from 'vitest';
import { rounds } from './rounds.ts';

test('a failed round is reported, and the next one follows', async () => {
  const end = new AbortController();
  const told: unknown[] = [];
  let worked = 0;
  await rounds({
    restSeconds: 0,
    signal: end.signal,
    failed: (error) => told.push((error as Error).message),
    async work() {
      worked += 1;
      if (worked === 3) end.abort();
      else throw new Error(`round ${worked}`);
    },
  });
  expect(told).toEqual(['round 1', 'round 2']);
});

test('the signal ends the pause, but not the current round', async () => {
  const end = new AbortController();
  let finished = false;
  await rounds({
    restSeconds: 3600,
    signal: end.signal,
    failed: () => {},
    async work() {
      end.abort();
      await new Promise((resolve) => setImmediate(resolve));
      finished = true;
    },
  });
  expect(finished).toBe(true);
});

test('after a failed round, the next one does not wait for the whole pause', async () => {
  const end = new AbortController();
  let worked = 0;
  await rounds({
    ...{ restSeconds: 3600, retrySeconds: 0, signal: end.signal },
    failed: () => {},
    async work() {
      worked += 1;
      if (worked < 3) throw new Error('not yet');
      end.abort();
    },
  });
  expect(worked).toBe(3);
});
