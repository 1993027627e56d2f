import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isScreen } from './output.ts';

test('a tool reports and fails when its output cannot be written', () => {
  const file = openSync('package.json', 'r');
  const { stderr, status } = spawnSync('node', ['bin/release.ts', '--help'], {
    stdio: ['ignore', file, 'pipe'],
    encoding: 'utf8',
  });
  closeSync(file);
  expect(stderr).toBe('The output is incomplete, because it could not be written: bad file descriptor.\n');
  expect(status).toBe(1);
});

test('a reader that stops early is not an error', () => {
  const { stderr, status } = spawnSync('sh', ['-c', 'node bin/release.ts --help | true'], {
    encoding: 'utf8',
  });
  expect([stderr, status]).toEqual(['', 0]);
});

test('a dumb terminal, a pipe and a file are not screens', () => {
  expect(isScreen({ isTTY: true }, { TERM: 'xterm' })).toBe(true);
  expect(isScreen({ isTTY: true }, {})).toBe(true);
  expect(isScreen({ isTTY: true }, { TERM: 'dumb' })).toBe(false);
  expect(isScreen({}, { TERM: 'xterm' })).toBe(false);
});
