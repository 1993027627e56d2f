import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import makeTemporaryFolder from './temporary-folder.ts';

test('temporary files of unit tests go when the run ends', () => {
  expect(basename(tmpdir())).toMatch(/^unit-tests-\d+$/);
  const TMPDIR = join(mkdtempSync(join(tmpdir(), 'run-')), 'temporary');
  const end = makeTemporaryFolder({ config: { env: { TMPDIR } } });
  writeFileSync(join(TMPDIR, 'left'), '');
  end();
  expect(existsSync(TMPDIR)).toBe(false);
  expect(() => makeTemporaryFolder({ config: { env: {} } })).toThrow('no TMPDIR');
});
