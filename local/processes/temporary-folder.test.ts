import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
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

/** A program that creates a folder in `parent`, prints its path, and then runs the given code. */
const program = (andThen: string) => [
  '--input-type=module',
  '--eval',
  `import { temporaryFolder } from ${JSON.stringify(new URL('temporary-folder.ts', import.meta.url).href)};
   console.log(temporaryFolder('work', ${JSON.stringify(parent)}).path);
   ${andThen}`,
];

test('is removed with its contents when it is disposed of', async () => {
  const folder = temporaryFolder('work', parent);
  writeFileSync(join(folder.path, 'file'), '');
  expect(readdirSync(parent)).toHaveLength(1);
  await folder[Symbol.asyncDispose]();
  expect(readdirSync(parent)).toEqual([]);
});

test('is removed when the process exits with work unfinished', () => {
  const path = execFileSync(process.execPath, program('process.exit()'), { encoding: 'utf8' }).trim();
  expect(path).toMatch(/\/work-\d+\.\d+-\w{6}$/);
  expect(existsSync(path)).toBe(false);
});

test.runIf(process.platform === 'linux')(
  'the folder of a killed process is removed by the next one; those of running processes, other names and other users stay',
  async () => {
    await using own = temporaryFolder('work', parent);
    const child = spawn(process.execPath, program('setInterval(() => {}, 1000)'), {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [theirs] = await once(createInterface({ input: child.stdout }), 'line');
    const kept = ['workshop', 'work-abcdef', 'work-shop-1.1-abcdef'].map((name) => join(parent, name));
    for (const path of kept) mkdirSync(path);
    // This process has reused the process id.
    const earlier = join(parent, `work-${process.pid}.1-abcdef`);
    mkdirSync(earlier);
    if (process.getuid?.() === 0) {
      kept.push(join(parent, 'work-1.1-others'));
      mkdirSync(kept.at(-1) as string);
      chownSync(kept.at(-1) as string, 65_534, 65_534);
    }
    await using next = temporaryFolder('work', parent);
    expect([own.path, next.path, theirs, ...kept].filter((path) => !existsSync(path))).toEqual([]);
    expect(existsSync(earlier)).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(existsSync(theirs)).toBe(true);
    removeLeftFolders('work', parent);
    expect(existsSync(theirs)).toBe(false);
    expect(existsSync(own.path)).toBe(true);
  },
);
