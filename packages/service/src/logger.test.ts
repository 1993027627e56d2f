import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { alarmingLines, logKeys } from '@packages/contracts';
import { execa } from 'execa';
import { expect, test } from 'vitest';

const program = `
  const { createLogger } = await import(${JSON.stringify(new URL('./logger.ts', import.meta.url).href)});
  const said = new Set();
  const lost = ({ code }) => said.add(code);
  const logger = createLogger({ level: 'info', service: 'a', task: 'b', lost });
  for (let line = 0; line < 20000; line += 1) logger.info({ line }, 'x'.repeat(100));
  console.error([...said, 'went on'].join());
  setTimeout(() => process.exit(7), 10);
`;
const run = (output = '') =>
  execa(
    'sh',
    ['-c', `exec "$@" ${output}`, 'sh', process.execPath, '--input-type=module', '--eval', program],
    { reject: false },
  );

test('a line has its message in the key that alarms match on, and its level by name', async () => {
  const { stdout } = await execa(
    process.execPath,
    [
      ...['--input-type=module', '--eval'],
      program.replace(
        /for \(let[^\n]*/,
        `logger.warn({ code: 'E' }, '${alarmingLines.databaseUnreachable}');`,
      ),
    ],
    { reject: false },
  );
  expect(JSON.parse(stdout)).toMatchObject({
    ...{ level: 'warn', service: 'a', task: 'b', code: 'E' },
    [logKeys.message]: alarmingLines.databaseUnreachable,
  });
});

test('a full disk neither ends the process nor keeps it from ending', async () => {
  const { stderr, exitCode } = await run('> /dev/full');
  expect([stderr, exitCode]).toEqual(['ENOSPC,went on', 7]);
});

test('neither does a reader that has gone', async () => {
  const process = run();
  process.stdout.destroy();
  const { stderr, exitCode } = await process;
  expect([stderr, exitCode]).toEqual(['EPIPE,went on', 7]);
});

test('neither does a reader that has stalled, and the process does not wait for it', async () => {
  // Node.js does not read a stream without listeners.
  const stalled = spawn(process.execPath, ['--input-type=module', '--eval', program]);
  const [stderr, [exitCode]] = await Promise.all([text(stalled.stderr), once(stalled, 'exit')]);
  expect([stderr, exitCode]).toEqual(['went on\n', 7]);
});

test('a stalled reader gets the buffered lines when it resumes', async () => {
  const waiting = program.replace(/setTimeout.*/, 'process.stdin.resume();');
  const child = spawn(process.execPath, ['--input-type=module', '--eval', waiting]);
  await once(child.stderr, 'data');
  let lines = 0;
  for await (const chunk of child.stdout) {
    lines += String(chunk).split('\n').length - 1;
    if (lines === 20_000) child.stdin.end();
  }
  expect(lines).toBe(20_000);
});

test('buffered lines are not lost when the process ends, if they are read then', async () => {
  const ending = program.replace(/setTimeout.*/, 'process.exit(7);');
  const child = spawn(process.execPath, ['--input-type=module', '--eval', ending]);
  await once(child.stderr, 'data');
  const [stdout, [exitCode]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  expect([stdout.split('\n').length - 1, exitCode]).toEqual([20_000, 7]);
});

test('no line is lost if all can be written', async () => {
  const { stdout, stderr } = await run();
  expect(
    String(stdout)
      .split('\n')
      .map((line) => JSON.parse(line).line),
  ).toEqual(Array.from({ length: 20_000 }, (_, line) => line));
  expect(stderr).toBe('went on');
});
