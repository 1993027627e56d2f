import { expect, inject, test } from 'vitest';
import { statusOf } from './asked.ts';

for (const service of inject('settings').services) {
  test(`the service ${service.name} answers by its way through the load balancer`, async () => {
    expect(await statusOf(service)).toBe(200);
  });
}
