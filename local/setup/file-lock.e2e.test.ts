import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../processes/temporary-folder.ts';
import { awaitUnlocked, lockHolder } from './file-lock.mjs';

const { path: folder, [Symbol.dispose]: remove } = temporaryFolder('file-lock');
const file = join(folder, 'lock');
writeFileSync(file, '');
let holder: ChildProcess | undefined;
afterEach(() => holder?.kill('SIGKILL'));
afterAll(() => remove());

test('waits for the process that has locked the file, and names it', async () => {
  await lock();
  const { pid } = holder as ChildProcess;
  const log = vi.spyOn(console, 'log').mockImplementation(() => holder?.kill('SIGKILL'));
  await awaitUnlocked(file);
  expect(log.mock.calls).toEqual([[`Waiting for perl (process ${pid}), which has locked ${file} …`]]);
  expect(lockHolder(file)).toBe(undefined);
  log.mockRestore();
});

test('gives up after its time limit', async () => {
  await lock();
  await expect(awaitUnlocked(file, { minutes: -1 })).rejects.toThrow(
    `perl (process ${holder?.pid}) has locked ${file}`,
  );
});

/** As apt-get(8) does, with fcntl(2). */
async function lock(): Promise<void> {
  const program = `
    use Fcntl;
    open(my $file, '>', $ARGV[0]) or die;
    fcntl($file, F_SETLK, pack('s s l! l! i', F_WRLCK, SEEK_SET, 0, 0, 0)) or die;
    $| = 1; print "locked"; sleep 600;
  `;
  holder = spawn('perl', ['-e', program, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(holder.stdout as NodeJS.ReadableStream, 'data');
}
