import { expect, test } from 'vitest';
import { countPlays } from './play-counts.ts';

/** A database with these two tables, which records what is written. */
function tables(
  play: Record<number, number>,
  counted: Record<number, number>,
  writing?: () => Promise<void>,
) {
  const rows = (of: Record<number, number>) =>
    Object.entries(of).map(([album, plays]) => ({ album: Number(album), plays }));
  const written: unknown[] = [];
  return {
    written,
    async query(sql: string, parameters?: unknown) {
      if (sql.startsWith('SELECT'))
        return { rows: rows(sql.includes('GROUP BY') ? play : counted), rowCount: 0 };
      expect([...sql.matchAll(/@(\w+)/g)].map(([, name]) => name).sort()).toEqual(
        Object.keys(parameters ?? {}).sort(),
      );
      written.push([sql.split(' ')[0], parameters]);
      await writing?.();
      return { rows: [], rowCount: 1 };
    },
  };
}

test('writes the changed and the new rows, and no others', async () => {
  const database = tables({ 1: 3, 2: 2, 5: 1 }, { 1: 3, 2: 1 });
  expect(await countPlays(database as never)).toBe(2);
  expect(database.written).toEqual([
    ['UPDATE', { album: 2, plays: 2 }],
    ['INSERT', { album: 5, plays: 1 }],
  ]);
});

test('a row that another worker inserted first is not an error, and any other failure is one', async () => {
  const refuse = (number: number) => async () => {
    throw Object.assign(new Error('refused'), { number });
  };
  expect(await countPlays(tables({ 1: 1 }, {}, refuse(2627)) as never)).toBe(1);
  await expect(countPlays(tables({ 1: 1 }, {}, refuse(229)) as never)).rejects.toThrow('refused');
  await expect(countPlays(tables({ 1: 2 }, { 1: 1 }, refuse(2627)) as never)).rejects.toThrow('refused');
});
