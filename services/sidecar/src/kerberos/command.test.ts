import { expect, test } from 'vitest';
import { run } from './command.ts';

const shell = (script: string, more = {}) =>
  run({
    name: 'sh',
    arguments: ['-c', script],
    environment: { PATH: process.env.PATH },
    limitSeconds: 10,
    ...more,
  });

test('a command gets its input and gives its output, errors and exit code', async () => {
  expect(await shell('cat; echo no >&2; exit 3', { input: 'word\n' })).toEqual({
    exitCode: 3,
    output: 'word\n',
    errors: 'no\n',
  });
});

test('a command that does not read its input is not an error', async () => {
  expect(await shell('exec true', { input: 'x'.repeat(1_000_000) })).toMatchObject({ exitCode: 0 });
});

test('a command has only the environment that it is given', async () => {
  const { output } = await shell('env', { environment: { PATH: process.env.PATH, ONLY: '1' } });
  expect(output).toContain('ONLY=1');
  expect(output).not.toContain('HOME=');
});

test('a command that is not there is a missing tool', async () => {
  const absent = run({ name: 'kinit-is-absent', arguments: [], environment: {}, limitSeconds: 10 });
  await expect(absent).rejects.toMatchObject({
    code: 'tool-missing',
    detail: 'kinit-is-absent was not found',
  });
});

test('a command that takes too long is killed', async () => {
  await expect(shell('exec sleep 60', { limitSeconds: 0.1 })).rejects.toMatchObject({ code: 'time-limit' });
});

test('a command is killed when its caller stops', async () => {
  const stop = new AbortController();
  const running = shell('exec sleep 60', { signal: stop.signal });
  stop.abort(new Error('stopping'));
  await expect(running).rejects.toThrow('stopping');
});
