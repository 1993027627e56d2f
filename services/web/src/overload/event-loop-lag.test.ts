import { expect, test } from 'vitest';
import { eventLoopLag } from './event-loop-lag.ts';

test('a blocked process reports a lag', async () => {
  const lag = eventLoopLag();
  await new Promise((resolve) => setTimeout(resolve, 25));
  const until = performance.now() + 300;
  while (performance.now() < until);
  await expect.poll(lag).toBeGreaterThan(20);
});
