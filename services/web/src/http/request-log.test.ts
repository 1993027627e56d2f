import { expect, test } from 'vitest';
import { scriptedApp } from '../../test/web-app.ts';

test('one line per request: method, path, status, time taken, request id; no query string', async () => {
  const { app, log } = scriptedApp();
  await app.request('/api/albums?count=3&token=hunter2', { headers: { 'X-Request-Id': 'visit-1' } });
  expect(log).toHaveLength(1);
  expect(log[0]).toMatchObject({
    level: 'info',
    requestId: 'visit-1',
    method: 'GET',
    path: '/api/albums',
    status: 200,
    milliseconds: expect.any(Number),
    msg: 'answered',
  });
  expect(JSON.stringify(log)).not.toContain('hunter2');
});

test('nor does any line contain one at the most verbose level', async () => {
  const { app, log } = scriptedApp({ logLevel: 'trace' });
  await app.request('/api/albums?count=3&token=hunter2');
  expect(log.map(({ msg }) => msg)).toEqual(['arrived', 'answered']);
  expect(JSON.stringify(log)).not.toContain('hunter2');
});

test("the load balancer's trace id is kept, unless it is not one", async () => {
  const { app, log } = scriptedApp();
  await app.request('/', { headers: { 'X-Amzn-Trace-Id': 'Root=1-67891233-abcdef012345678912345678' } });
  await app.request('/', { headers: { 'X-Amzn-Trace-Id': '"}{"level":"fatal' } });
  expect(log.map(({ trace }) => trace)).toEqual(['Root=1-67891233-abcdef012345678912345678', undefined]);
});

test('successful probes are not logged at info', async () => {
  const { app, log } = scriptedApp({ ticket: { state: 'missing' } });
  await app.request('/livez');
  await app.request('/readyz');
  expect(log.map(({ level, path }) => [level, path])).toEqual([
    ['debug', '/livez'],
    ['warn', '/readyz'],
  ]);
});
