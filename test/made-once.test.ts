import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import makeFolder, { madeOnce, sharedFolder, shareFolder } from './made-once.ts';

let changed: () => unknown;
let removeFolder: (() => void) | undefined;
beforeEach(() => {
  vi.stubEnv('MADE_ONCE_FOLDER', undefined);
  removeFolder = makeFolder({
    onTestsRerun(listener) {
      changed = () => listener([]);
    },
  });
});
afterEach(() => {
  removeFolder?.();
  vi.unstubAllEnvs();
});

test('what is asked for in the same way is made once, and each has a copy to themselves', () => {
  const make = vi.fn(() => ({ list: [1] }));
  const first = madeOnce('list', { of: 1 }, make);
  first.list.push(2);
  expect(madeOnce('list', { of: 1 }, make)).toEqual({ list: [1] });
  expect(make).toHaveBeenCalledTimes(1);
});

test('another kind, or made of something else, is another thing', () => {
  const make = vi.fn(() => 1);
  madeOnce('list', { of: 1 }, make);
  madeOnce('list', { of: 2 }, make);
  madeOnce('map', { of: 1 }, make);
  expect(make).toHaveBeenCalledTimes(3);
});

test('when the code has changed under a watching run, all is made anew', async () => {
  const make = vi.fn(() => 1);
  madeOnce('list', { of: 1 }, make);
  await changed();
  madeOnce('list', { of: 1 }, make);
  expect(make).toHaveBeenCalledTimes(2);
});

test('a folder is kept as it was first shared, and each who asks has a copy', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shared-'));
  const [made, mine, theirs] = ['made', 'mine', 'theirs'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const textIn = (directory: string) => readFileSync(join(directory, 'inner', 'file'), 'utf8');
  try {
    mkdirSync(join(made, 'inner'), { recursive: true });
    writeFileSync(join(made, 'inner', 'file'), 'first');
    expect(sharedFolder('something', mine)).toBe(false);
    shareFolder('something', made);
    for (const directory of [made, mine]) {
      expect(sharedFolder('something', mine)).toBe(true);
      writeFileSync(join(directory, 'inner', 'file'), 'changed');
      shareFolder('something', directory);
    }
    expect(sharedFolder('something', theirs)).toBe(true);
    expect(textIn(theirs)).toBe('first');
    expect(textIn(mine)).toBe('changed');
    expect(sharedFolder('something else', mine)).toBe(false);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('nothing is left in the folder for temporary files', () => {
  const folder = process.env.MADE_ONCE_FOLDER as string;
  madeOnce('list', {}, () => 1);
  removeFolder?.();
  // By its mark, the next run removes that of one that was killed.
  expect(folder).toMatch(/made-once-\d+\.\w+-\w{6}$/);
  expect(process.env.MADE_ONCE_FOLDER).toBeUndefined();
});
