import { chownSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ownFolder } from './state-root.ts';

let parent: string;
beforeAll(() => {
  parent = mkdtempSync(join(tmpdir(), 'state-root-'));
});
afterAll(() => rmSync(parent, { recursive: true }));

test('creates a folder that others may pass through but not list', () => {
  const folder = ownFolder(join(parent, 'new'));
  expect(statSync(folder).mode & 0o777).toBe(0o711);
  expect(ownFolder(folder)).toBe(folder);
});

test('closes a folder that others may read', () => {
  const folder = join(parent, 'open');
  mkdirSync(folder);
  expect(statSync(ownFolder(folder)).mode & 0o777).toBe(0o711);
});

test.runIf(process.getuid?.() === 0)("refuses another user's folder, and a symbolic link", () => {
  const planted = join(parent, 'planted');
  mkdirSync(planted);
  chownSync(planted, 65534, 65534);
  expect(() => ownFolder(planted)).toThrow(/belongs to another user/);
  symlinkSync(join(parent, 'new'), join(parent, 'link'));
  expect(() => ownFolder(join(parent, 'link'))).toThrow(/is not a folder/);
});
