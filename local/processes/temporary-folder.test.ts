import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { removeLeftFolders, temporaryFolder } from './temporary-folder.ts';

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'temporary-folder-'));
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

/** A program that makes a folder in `parent`, says so, and goes on as told. */
const program = (andThen: string) => [
  '--input-type=module',
  '--eval',
  `import { temporaryFolder } from ${JSON.stringify(new URL('temporary-folder.ts', import.meta.url).href)};
   console.log((await temporaryFolder('work', ${JSON.stringify(parent)})).path);
   ${andThen}`,
];

test('goes when it is disposed of, with what is in it', async () => {
  const folder = await temporaryFolder('work', parent);
  writeFileSync(join(folder.path, 'file'), '');
  expect(readdirSync(parent)).toHaveLength(1);
  await folder[Symbol.asyncDispose]();
  expect(readdirSync(parent)).toEqual([]);
});

test('goes with a process that exits in the middle of its work', () => {
  const path = execFileSync(process.execPath, program('process.exit()'), { encoding: 'utf8' }).trim();
  expect(path).toMatch(/\/work-\d+\.\d+-\w{6}$/);
  expect(existsSync(path)).toBe(false);
});

test.runIf(process.platform === 'linux')(
  'of a process that was killed it is removed later; of one that is at work, or of another name, it stays',
  async () => {
    await using own = await temporaryFolder('work', parent);
    const child = spawn(process.execPath, program('setInterval(() => {}, 1000)'), {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [theirs] = await once(createInterface({ input: child.stdout }), 'line');
    mkdirSync(join(parent, 'workshop'));
    // Its process id is ours now.
    const earlier = join(parent, `work-${process.pid}.1-abcdef`);
    mkdirSync(earlier);
    await removeLeftFolders('work', parent);
    expect([own.path, theirs, join(parent, 'workshop'), earlier].map((path) => existsSync(path))).toEqual([
      true,
      true,
      true,
      false,
    ]);
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(existsSync(theirs)).toBe(true);
    await removeLeftFolders('work', parent);
    expect(existsSync(theirs)).toBe(false);
    expect(existsSync(own.path)).toBe(true);
  },
);
