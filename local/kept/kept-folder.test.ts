import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { keptFolder } from './kept-folder.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kept-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const make = vi.fn(async (folder: string) => writeFileSync(join(folder, 'made'), 'whole'));
const kept = (from: unknown, making = make) => keptFolder({ name: 'thing', from, directory }, making);

test('is created once for equal inputs, and again for other inputs', async () => {
  make.mockClear();
  const [first, again] = [await kept({ sources: 1 }), await kept({ sources: 1 })];
  expect(again).toBe(first);
  expect(make).toHaveBeenCalledTimes(1);
  expect(readFileSync(join(first, 'made'), 'utf8')).toBe('whole');
  expect(await kept({ sources: 2 })).not.toBe(first);
  expect(make).toHaveBeenCalledTimes(2);
});

test('a failed attempt leaves nothing behind, and the next caller creates the folder', async () => {
  const fails = vi.fn(async (folder: string) => {
    writeFileSync(join(folder, 'half'), '');
    throw new Error('no room');
  });
  await expect(kept(1, fails)).rejects.toThrow('no room');
  expect(readdirSync(directory)).toEqual([]);
  expect(readdirSync(await kept(1))).toEqual(['made']);
});

test('concurrent callers get the same complete folder', async () => {
  const all = await Promise.all(Array.from({ length: 5 }, () => kept(1)));
  expect(new Set(all).size).toBe(1);
  expect(readdirSync(directory)).toHaveLength(1);
  expect(readdirSync(all[0] as string)).toEqual(['made']);
});

test('a folder that was not used for a day is removed, and nothing else', async () => {
  const old = await kept(1);
  const other = await keptFolder({ name: 'thing-2', from: 1, directory }, make);
  const unfinished = `${old}.00000000-0000-4000-8000-000000000000`;
  mkdirSync(unfinished);
  const yesterday = new Date(Date.now() - 25 * 60 * 60 * 1000);
  for (const path of [old, other, unfinished]) utimesSync(path, yesterday, yesterday);
  const fresh = await kept(2);
  expect(readdirSync(directory).map((name) => join(directory, name))).toEqual([fresh, other].sort());
});
