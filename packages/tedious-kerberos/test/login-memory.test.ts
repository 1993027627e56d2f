import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';

test('a login that failed, and a connection that the server has ended, are held on to no longer', async () => {
  const { stdout } = await execa(process.execPath, [join(import.meta.dirname, 'what-logins-keep.ts')]);
  const found: Record<string, { connections: number; signals: number }> = JSON.parse(stdout);
  expect(Object.keys(found)).toHaveLength(6);
  // Of 30 endings each; a few are what the last ones still have at work.
  const kept = Object.entries(found).filter(
    ([, { connections, signals }]) => connections >= 10 || signals >= 10,
  );
  expect(kept).toEqual([]);
});
