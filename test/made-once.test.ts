import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import makeFolder, { madeOnce } from './made-once.ts';

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

test('nothing is left in the folder for temporary files', () => {
  const folder = process.env.MADE_ONCE_FOLDER as string;
  madeOnce('list', {}, () => 1);
  removeFolder?.();
  expect(folder).toMatch(/made-once-/);
  expect(process.env.MADE_ONCE_FOLDER).toBeUndefined();
});
