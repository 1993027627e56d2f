import { expect, test } from 'vitest';
import { rotationUnderLoad } from './rotation-under-load.ts';

test('no request fails while the password is rotated under load, tickets are renewed and tasks replaced', async () => {
  const { requests, failures, events, errors } = await rotationUnderLoad({
    rotations: 2,
    requestsPerSecond: 200,
  });
  expect(failures).toEqual([]);
  expect(errors).toEqual([]);
  expect(requests).toBeGreaterThan(1000);
  // Two new tasks a rotation, each with a first ticket; the others are renewals.
  expect(events['ticket.published']).toBeGreaterThan(2 * 2 + 2);
  // Tasks that hold the old secret sign in with the new password before they are replaced.
  expect(events['password.next']).toBeGreaterThan(0);
  expect(events).not.toHaveProperty('password.withheld');
}, 180_000);
