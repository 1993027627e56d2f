import { expect, test } from 'vitest';
import { appliedBatches } from './applied-batches.ts';
import type { SqlSession } from './sql-session.ts';

/** A session that sees as many rows at once, as after `SET ROWCOUNT`; 0: all. */
function sessionOf(batches: number, most = 0): SqlSession {
  return {
    async batch(sql) {
      const last = Number(/\[batch\] > (\d+)/.exec(sql)?.[1]);
      const left = batches - last;
      const count = most === 0 ? left : Math.min(most, left);
      return Array.from({ length: count }, (_, index) => ({ batch: last + index + 1, sha256: 'a' }));
    },
    close: () => {},
  };
}

test.each([
  [0, 0],
  [1, 0],
  [7, 1],
  [7, 3],
  // More than a call of a function takes arguments.
  [300_000, 0],
])('%i applied batches are all found, %i rows at once', async (batches, most) => {
  const found = await appliedBatches(sessionOf(batches, most), 'a.sql');
  expect(found.size).toBe(batches);
  expect(Math.max(0, ...[...found.keys()].slice(-1))).toBe(batches);
});
