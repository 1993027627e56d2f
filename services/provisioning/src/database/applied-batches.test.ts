import { expect, test } from 'vitest';
import { appliedBatches } from './applied-batches.ts';
import type { SqlRow, SqlSession } from './sql-session.ts';

/**
 * A session that returns at most `most` rows at once, as after `SET ROWCOUNT`; 0: all. `plan`, if given, follows them.
 */
function sessionOf(batches: number, most = 0, plan?: SqlRow): SqlSession {
  return {
    async batch(sql) {
      const last = Number(/\[batch\] > (\d+)/.exec(sql)?.[1]);
      const left = batches - last;
      const count = most === 0 ? left : Math.min(most, left);
      const rows: SqlRow[] = Array.from({ length: count }, (_, at) => ({
        batch: last + at + 1,
        sha256: 'a',
      }));
      return plan ? [...rows, plan] : rows;
    },
    close: () => {},
  };
}

test.each([
  [0, 0],
  [1, 0],
  [7, 1],
  [7, 3],
  // More than a function call accepts arguments.
  [300_000, 0],
])('%i applied batches are all found, %i rows at once', async (batches, most) => {
  const found = await appliedBatches(sessionOf(batches, most), 'a.sql');
  expect(found.size).toBe(batches);
  expect(Math.max(0, ...[...found.keys()].slice(-1))).toBe(batches);
});

// SET STATISTICS XML ON, and PROFILE.
test.each([{ 'Microsoft SQL Server 2005 XML Showplan': '<ShowPlanXML/>' }, { Rows: 1, StmtText: 'SELECT' }])(
  'they are found among the plans that a script asks for: %j',
  async (plan) => {
    expect((await appliedBatches(sessionOf(7, 2, plan), 'a.sql')).size).toBe(7);
    expect((await appliedBatches(sessionOf(0, 0, plan), 'a.sql')).size).toBe(0);
  },
);
