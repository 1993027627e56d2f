import { expect, test } from 'vitest';
import { startHealthServer, watchRounds } from './health-server.ts';

test('a worker is healthy as long as rounds begin, and not when one hangs', async () => {
  let seconds = 1000;
  const watch = watchRounds(60, () => seconds * 1000);
  const server = await startHealthServer(0, watch.isAlive);
  const status = async () => (await fetch(`http://127.0.0.1:${server.port}`)).status;
  const statuses = [];
  for (const passed of [0, 359, 1]) {
    seconds += passed;
    statuses.push(await status());
  }
  watch.begin();
  statuses.push(await status());
  server.close();
  expect(statuses).toEqual([204, 204, 503, 204]);
});
