import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeRunDirectory } from './run-directory.ts';

let base: string;
beforeEach(() => {
  base = mkdtempSync('/tmp/run-');
});
afterEach(() => rmSync(base, { recursive: true }));

test('the path always has the same length, even for a clone with a long path', () => {
  const { runRoot } = makeRunDirectory(`/home/somebody/${'projects/'.repeat(20)}`, base);
  expect(runRoot).toHaveLength(makeRunDirectory('/clone', base).runRoot.length);
});

test('a path that podman would refuse without a report is refused with an error', () => {
  const long = join(base, 'a'.repeat(30));
  expect(() => makeRunDirectory('/clone', long)).toThrow(
    /storage is longer than the 50 characters that podman allows: set XDG_RUNTIME_DIR to a shorter folder\.$/,
  );
  expect(existsSync(long)).toBe(false);
});

test('each clone always gets its own folder', () => {
  expect(makeRunDirectory('/clone/a', base)).toEqual(makeRunDirectory('/clone/a', base));
  expect(makeRunDirectory('/clone/a', base)).not.toEqual(makeRunDirectory('/clone/b', base));
});

test('its contents are kept until the machine reboots', () => {
  const { folder } = makeRunDirectory('/clone', base);
  const lock = join(folder, 'lock');
  writeFileSync(lock, '');
  makeRunDirectory('/clone', base);
  expect(existsSync(lock)).toBe(true);

  writeFileSync(join(folder, 'boot-id'), 'that of the boot before');
  expect(makeRunDirectory('/clone', base).folder).toBe(folder);
  expect(existsSync(lock)).toBe(false);
});

test('a symbolic link in its place is refused', () => {
  const { folder } = makeRunDirectory('/clone', base);
  rmSync(folder, { recursive: true });
  symlinkSync(base, folder);
  expect(() => makeRunDirectory('/clone', base)).toThrow(/is not a folder of this user: remove it\.$/);
});
