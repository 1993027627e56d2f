import { expect, test } from 'vitest';
import { exampleInput } from '../infrastructure/example-deployment.ts';
import { estateOfOthers } from './estate-of-others.ts';
import { rotationUnderLoad } from './rotation-under-load.ts';

/**
 * Who changes the password: the directory's administrator if the directory is ours, or the user itself if only the
 * tasks are ours.
 */
test.each([
  ['set by the administrator', exampleInput, 2],
  ['changed by the user itself, for a SQL Server in a domain that trusts its own', estateOfOthers, 1],
])(
  'no request fails while the password is %s under load, tickets are renewed and tasks replaced',
  async (_, deployment, rotations) => {
    const { requests, failures, events, errors } = await rotationUnderLoad({
      deployment,
      rotations,
      requestsPerSecond: 50,
    });
    expect(failures).toEqual([]);
    expect(errors).toEqual([]);
    expect(requests).toBeGreaterThan(250 * rotations);
    // Two new tasks per rotation, each with a first ticket; the others are renewals.
    expect(events['ticket.published']).toBeGreaterThan(2 * rotations + 2);
    // Tasks that hold the old secret sign in with the new password before they are replaced.
    expect(events['password.next']).toBeGreaterThan(0);
    expect(events).not.toHaveProperty('password.withheld');
  },
  600_000,
);
