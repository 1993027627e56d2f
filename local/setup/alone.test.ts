import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { alone } from './alone.mjs';

let folder: string;
let lock: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'alone-'));
  lock = join(folder, 'set-up.lock');
});
afterEach(() => rmSync(folder, { recursive: true }));

/**
 * A script that records when its turn begins and ends; it ends when the file `may-end` exists, or when a signal kills
 * it.
 */
const script = `
  const { appendFileSync, existsSync } = await import('node:fs');
  const { alone } = await import(${JSON.stringify(new URL('alone.mjs', import.meta.url).href)});
  const [folder, name] = process.argv.slice(1);
  await alone(async () => {
    appendFileSync(folder + '/notes', name + ' begins\\n');
    while (!existsSync(folder + '/may-end')) await new Promise((resolve) => setTimeout(resolve, 10));
    appendFileSync(folder + '/notes', name + ' ends\\n');
  }, folder + '/set-up.lock');
`;

function start(name: string) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, folder, name]);
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  return { child, ended, output: () => output };
}

const notes = () =>
  existsSync(join(folder, 'notes')) ? readFileSync(join(folder, 'notes'), 'utf8').trim().split('\n') : [];

test('set-ups of one clone run one after the other, and those that wait say what for', async () => {
  const first = start('first');
  await expect.poll(notes).toEqual(['first begins']);
  const others = ['second', 'third'].map(start);
  for (const other of others)
    await expect
      .poll(other.output)
      .toBe(`Waiting for another npm script (process ${first.child.pid}) that is setting up this clone …\n`);
  expect(notes()).toEqual(['first begins']);
  writeFileSync(join(folder, 'may-end'), '');
  await Promise.all([first, ...others].map(({ ended }) => ended));
  const [, , one, ...rest] = notes();
  expect([one, ...rest]).toEqual(
    one === 'second begins'
      ? ['second begins', 'second ends', 'third begins', 'third ends']
      : ['third begins', 'third ends', 'second begins', 'second ends'],
  );
  expect(readdirSync(folder).sort()).toEqual(['may-end', 'notes']);
});

test('a set-up that was killed is not waited for', async () => {
  const killed = start('killed');
  await expect.poll(notes).toEqual(['killed begins']);
  killed.child.kill('SIGKILL');
  await killed.ended;
  expect(existsSync(lock)).toBe(true);
  await expect(alone(async () => 'done', lock)).resolves.toBe('done');
  expect(readdirSync(folder)).toEqual(['notes']);
});

test.runIf(process.platform === 'linux')(
  'a process that has reused its process id is not waited for',
  async () => {
    writeFileSync(lock, `${process.ppid} 1`);
    await expect(alone(async () => 'done', lock)).resolves.toBe('done');
  },
);

test('a set-up that fails lets the next one in', async () => {
  await expect(alone(() => Promise.reject(new Error('no room')), lock)).rejects.toThrow('no room');
  await expect(alone(async () => 'done', lock)).resolves.toBe('done');
});
