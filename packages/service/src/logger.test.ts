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
    {
      ...{ reject: false, timeout: 20_000 },
    },
  );

test('a full disk below the log ends nothing, and keeps nothing from ending', async () => {
  const { stderr, exitCode } = await run('> /dev/full');
  expect([stderr, exitCode]).toEqual(['ENOSPC,went on', 7]);
});

test('nor does a reader that has gone', async () => {
  const process = run();
  process.stdout.destroy();
  const { stderr, exitCode } = await process;
  expect([stderr, exitCode]).toEqual(['EPIPE,went on', 7]);
});

test('no line is lost where each can be written', async () => {
  const { stdout, stderr } = await run();
  expect(
    String(stdout)
      .split('\n')
      .map((line) => JSON.parse(line).line),
  ).toEqual(Array.from({ length: 20_000 }, (_, line) => line));
  expect(stderr).toBe('went on');
});
