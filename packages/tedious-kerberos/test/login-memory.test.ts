import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';

test('failed logins and connections that the server has ended are garbage-collected', async () => {
  const { stdout } = await execa(process.execPath, [join(import.meta.dirname, 'what-logins-keep.ts')]);
  const found: Record<string, { connections: number; signals: number }> = JSON.parse(stdout);
  expect(Object.keys(found)).toHaveLength(6);
  // Each was repeated 30 times; the last few may still be in use.
  const kept = Object.entries(found).filter(
    ([, { connections, signals }]) => connections >= 10 || signals >= 10,
  );
  expect(kept).toEqual([]);
});
