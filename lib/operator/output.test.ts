import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isScreen } from './output.ts';

test('a tool says so, and fails, when what it prints does not arrive', () => {
  const file = openSync('package.json', 'r');
  const { stderr, status } = spawnSync('node', ['bin/release.ts', '--help'], {
    stdio: ['ignore', file, 'pipe'],
    encoding: 'utf8',
  });
  closeSync(file);
  expect(stderr).toBe('The output is not complete, it could not be written: bad file descriptor.\n');
  expect(status).toBe(1);
});

test('a reader that has had enough is no fault', () => {
  const { stderr, status } = spawnSync('sh', ['-c', 'node bin/release.ts --help | true'], {
    encoding: 'utf8',
  });
  expect([stderr, status]).toEqual(['', 0]);
});

test('a dumb terminal, a pipe and a file are no screens', () => {
  expect(isScreen({ isTTY: true }, { TERM: 'xterm' })).toBe(true);
  expect(isScreen({ isTTY: true }, {})).toBe(true);
  expect(isScreen({ isTTY: true }, { TERM: 'dumb' })).toBe(false);
  expect(isScreen({}, { TERM: 'xterm' })).toBe(false);
});
