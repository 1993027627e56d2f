import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { longestRunRoot, makeRunDirectory } from './run-directory.ts';

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'run-'));
});
afterEach(() => rmSync(base, { recursive: true }));

test('its path is short, however long that of the clone is', () => {
  const clone = `/home/somebody/${'projects/'.repeat(20)}`;
  const [, ...names] = makeRunDirectory(clone, base).slice(base.length).split('/');
  expect(names).toHaveLength(1);
  expect(`/run/user/1000/${names[0]}/storage`.length).toBeLessThanOrEqual(longestRunRoot);
});

test('each clone has its own, the same one each time', () => {
  expect(makeRunDirectory('/clone/a', base)).toBe(makeRunDirectory('/clone/a', base));
  expect(makeRunDirectory('/clone/a', base)).not.toBe(makeRunDirectory('/clone/b', base));
});

test('what is in it stays until the machine boots', () => {
  const folder = makeRunDirectory('/clone', base);
  const lock = join(folder, 'lock');
  writeFileSync(lock, '');
  makeRunDirectory('/clone', base);
  expect(existsSync(lock)).toBe(true);

  writeFileSync(join(folder, 'boot-id'), 'that of the boot before');
  expect(makeRunDirectory('/clone', base)).toBe(folder);
  expect(existsSync(lock)).toBe(false);
});

test('a link that somebody laid in its place is refused', () => {
  const folder = makeRunDirectory('/clone', base);
  rmSync(folder, { recursive: true });
  symlinkSync(base, folder);
  expect(() => makeRunDirectory('/clone', base)).toThrow(/is not a folder of this user: remove it\.$/);
});
