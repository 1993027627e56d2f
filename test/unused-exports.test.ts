import { expect, test } from 'vitest';
import { sourceFiles } from './source-files.ts';
import { unusedExports } from './unused-exports.ts';

test('every export is used by another file', () => {
  const code = sourceFiles().filter((path) => /\.(ts|mts|cts|mjs|cjs)$/.test(path));
  expect(unusedExports(code)).toEqual([]);
});

test.each([
  ['a function that nobody calls', 'export function alone() {}', ['a.ts: alone']],
  ['one that only its own file calls', 'export const alone = () => alone();', ['a.ts: alone']],
  ['a class', 'export abstract class Alone {}', ['a.ts: Alone']],
  ['a type that is not even used beside it', 'export interface Alone {}', ['a.ts: Alone']],
  ['a type of what is used', 'export interface Options {}\nexport const used = (_: Options) => {};', []],
])('%s', (_, text, expected) => {
  const files: Record<string, string> = { 'a.ts': text, 'b.ts': "import { used } from './a.ts';" };
  expect(unusedExports(Object.keys(files), (path) => files[path] ?? '')).toEqual(expected);
});
