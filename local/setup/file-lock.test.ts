import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../processes/temporary-folder.ts';
import { awaitUnlocked, lockHolder } from './file-lock.mjs';

const { path: folder, [Symbol.dispose]: remove } = temporaryFolder('file-lock');
afterAll(() => remove());
const file = join(folder, 'lock');
writeFileSync(file, '');
const { ino } = statSync(file);

test.each([
  ['the process that has locked the file', `1: POSIX  ADVISORY  WRITE 4711 fe:00:${ino} 0 EOF`, 4711],
  ['a lock of flock(2)', `2: FLOCK  ADVISORY  WRITE 4712 fe:00:${ino} 0 EOF`, 4712],
  [
    'of several locks, the one on the file',
    `1: POSIX  ADVISORY  WRITE 1 fe:00:${ino}9 0 EOF\n2: POSIX  ADVISORY  WRITE 2 fe:00:${ino} 0 EOF`,
    2,
  ],
  ['no process, if another file is locked', `1: POSIX  ADVISORY  WRITE 4711 fe:00:${ino}1 0 EOF`, undefined],
  [
    'no process, if one only waits for the lock',
    `1: -> POSIX  ADVISORY  WRITE 4711 fe:00:${ino} 0 EOF`,
    undefined,
  ],
  ['no process, if the machine does not say', '', undefined],
])('%s', (_, locks, holder) => {
  expect(lockHolder(file, locks)).toBe(holder);
});

test('a file that does not exist is not locked', () => {
  expect(lockHolder(join(folder, 'none'), '1: POSIX  ADVISORY  WRITE 4711 fe:00:undefined 0 EOF')).toBe(
    undefined,
  );
});

test('a file that is not locked is not waited for', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  await awaitUnlocked(file);
  expect(log).not.toHaveBeenCalled();
  log.mockRestore();
});
