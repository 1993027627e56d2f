import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

let outer: string;
let inner: string;
beforeEach(() => {
  outer = mkdtempSync(join(tmpdir(), 'source-files-test-'));
  inner = join(outer, 'vendor');
  mkdirSync(inner);
  for (const name of ['kept.ts', 'made.js']) writeFileSync(join(inner, name), '');
  writeFileSync(join(inner, '.gitignore'), 'made.js\n');
});
afterEach(() => rmSync(outer, { recursive: true, force: true }));

function git(...words: string[]): void {
  execFileSync('git', ['-C', outer, ...words], { stdio: 'ignore' });
}

/** The result for a program in the inner folder. */
function found(): string[] {
  const module = JSON.stringify(new URL('source-files.ts', import.meta.url).href);
  const program = `const { sourceFiles } = await import(${module}); console.log(JSON.stringify(sourceFiles()));`;
  return JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: inner,
      encoding: 'utf8',
    }),
  ).sort();
}

test('without a repository, all files that are not ignored', () => {
  expect(found()).toEqual(['.gitignore', 'kept.ts']);
});

test('within another repository that does not track them, the same', () => {
  git('init', '--quiet');
  expect(found()).toEqual(['.gitignore', 'kept.ts']);
});

test('within one that tracks them, the tracked files', () => {
  git('init', '--quiet');
  git('add', 'vendor/kept.ts');
  expect(found()).toEqual(['kept.ts']);
});
