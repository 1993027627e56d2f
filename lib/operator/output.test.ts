import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { expect, test } from 'vitest';

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
