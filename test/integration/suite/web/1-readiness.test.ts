import { expect, inject, test } from 'vitest';
import { request } from './service.ts';

test('the service became ready in time', () => {
  const { ready, lastAnswer } = inject('readiness');
  expect(ready, `its last answer was: ${lastAnswer}`).toBe(true);
});

test('readiness names each dependency with its state', async () => {
  const response = await request('/readyz');
  expect(await response.json()).toMatchObject({
    ready: true,
    service: 'serving',
    dependencies: { database: expect.stringMatching(/^(reached|busy)$/), ticket: 'good' },
  });
});

test('the process says that it lives', async () => {
  expect((await request('/livez')).status).toBe(200);
});
