import type { TicketStatus } from '@packages/service';
import { expect, test, vi } from 'vitest';
import { DatabaseError, type MusicDatabase } from './music/music-database.ts';
import { createReadiness } from './readiness.ts';

function readiness({
  ping = async () => {},
  secondsSinceAnswer = () => Number.POSITIVE_INFINITY,
  ticket = 'good' as TicketStatus['state'],
  draining = false,
}: Partial<Pick<MusicDatabase, 'ping' | 'secondsSinceAnswer'>> & {
  ticket?: TicketStatus['state'];
  draining?: boolean;
}) {
  const onUnreachable = vi.fn();
  const check = createReadiness({
    database: { ping, secondsSinceAnswer },
    ticket: async () => ({ state: ticket }),
    lifecycle: { draining },
    timeoutSeconds: 0.05,
    onUnreachable,
  });
  return { check, onUnreachable };
}

const failing = (kind: DatabaseError['kind']) => async () => {
  throw new DatabaseError(kind, 'no answer');
};

test('ready when the database answers and the ticket is good', async () => {
  expect(await readiness({}).check()).toEqual({
    ready: true,
    service: 'serving',
    dependencies: { database: 'reached', ticket: 'good' },
  });
});

test.for(['expired', 'missing', 'unreadable'] as const)(
  'not ready with a ticket that is %s',
  async (ticket) => {
    expect(await readiness({ ticket }).check()).toMatchObject({
      ready: false,
      dependencies: { database: 'reached', ticket },
    });
  },
);

test('not ready once it drains, though all is well', async () => {
  expect(await readiness({ draining: true }).check()).toEqual({
    ready: false,
    service: 'draining',
    dependencies: { database: 'reached', ticket: 'good' },
  });
});

test('not ready when the database is unavailable, and the reason is reported', async () => {
  const { check, onUnreachable } = readiness({ ping: failing('unavailable'), secondsSinceAnswer: () => 0 });
  expect(await check()).toMatchObject({ ready: false, dependencies: { database: 'unreachable' } });
  expect(onUnreachable).toHaveBeenCalledWith(expect.objectContaining({ kind: 'unavailable' }));
});

test('not ready when the database does not answer within the time', async () => {
  const { check, onUnreachable } = readiness({ ping: () => new Promise(() => {}) });
  expect(await check()).toMatchObject({ ready: false, dependencies: { database: 'unreachable' } });
  expect(onUnreachable).toHaveBeenCalledWith(expect.objectContaining({ kind: 'timeout' }));
});

test('a full pool is ready while the database still answers, and not ready once it no longer does', async () => {
  const crowded = readiness({ ping: failing('busy'), secondsSinceAnswer: () => 0.01 });
  expect(await crowded.check()).toMatchObject({ ready: true, dependencies: { database: 'busy' } });
  const stuck = readiness({ ping: failing('busy'), secondsSinceAnswer: () => 60 });
  expect(await stuck.check()).toMatchObject({ ready: false, dependencies: { database: 'unreachable' } });
});

test('concurrent checks share one query to the database', async () => {
  const ping = vi.fn(async () => {});
  const { check } = readiness({ ping });
  await Promise.all([check(), check(), check()]);
  expect(ping).toHaveBeenCalledTimes(1);
  await check();
  expect(ping).toHaveBeenCalledTimes(2);
});
