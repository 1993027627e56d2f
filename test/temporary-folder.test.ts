import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import makeTemporaryFolder from './temporary-folder.ts';

test('temporary files of unit tests are removed when the run ends', () => {
  expect(basename(tmpdir())).toMatch(/^unit-\d+\.\w+-vitest$/);
  const TMPDIR = join(mkdtempSync(join(tmpdir(), 'run-')), 'temporary');
  const end = makeTemporaryFolder({ config: { env: { TMPDIR } } });
  writeFileSync(join(TMPDIR, 'left'), '');
  end();
  expect(existsSync(TMPDIR)).toBe(false);
  expect(() => makeTemporaryFolder({ config: { env: {} } })).toThrow('no TMPDIR');
});

test.runIf(process.platform === 'linux')('those of a killed run are removed by the next run', () => {
  const parent = mkdtempSync(join(tmpdir(), 'killed-'));
  mkdirSync(join(parent, 'unit-1.1-vitest', 'left'), { recursive: true });
  mkdirSync(join(parent, 'unit-1-of-somebody'));
  const end = makeTemporaryFolder({ config: { env: { TMPDIR: join(parent, 'temporary') } } });
  end();
  expect(readdirSync(parent)).toEqual(['unit-1-of-somebody']);
});
