import { chmod, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { doctorCommand, doctorRefusalsOption } from '@packages/contracts';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { events } from './signals/events.ts';

const main = join(import.meta.dirname, 'main.ts');
const right = {
  PATH: process.env.PATH,
  DIRECTORY_DOMAIN: 'corp.example.com',
  SQL_SPN: 'MSSQLSvc/music-db.corp.example.com:1433',
  CREDENTIALS: '{"username":"db-user","password":"a secret word"}',
};

function start(env: NodeJS.ProcessEnv, words: readonly string[] = []) {
  return execa(process.execPath, [main, ...words], {
    env: { ...right, ...env },
    extendEnv: false,
    reject: false,
  });
}

test('a wrong configuration ends the sidecar with 78 and one line per fault, without a stack trace', async () => {
  const { exitCode, stdout, stderr } = await start({ RENEW_AT: '2', TICKET_MODE: 'all' });
  expect(exitCode).toBe(78);
  expect(stderr).toBe('');
  expect(stdout.split('\n').map((line) => JSON.parse(line))).toMatchObject([
    {
      level: 'error',
      event: 'configuration.invalid',
      explanation: expect.stringMatching(/^TICKET_MODE is "all", /),
    },
    {
      level: 'error',
      event: 'configuration.invalid',
      explanation: expect.stringMatching(/^RENEW_AT is "2", /),
    },
  ]);
});

test('a wrong secret is not shown', async () => {
  const { exitCode, stdout } = await start({ CREDENTIALS: 'a secret word' });
  expect(exitCode).toBe(78);
  expect(stdout).toContain('The secret is not a JSON object');
  expect(stdout).not.toContain('a secret word');
});

test.for(['SHARED_DIRECTORY', 'PRIVATE_DIRECTORY'])(
  'a %s that cannot be written is told like a wrong setting',
  async (key) => {
    const folder = await mkdtemp(join(tmpdir(), 'sidecar-main-'));
    const folders = { SHARED_DIRECTORY: folder, PRIVATE_DIRECTORY: folder, [key]: '/dev/null/folder' };
    const { exitCode, stdout } = await start(folders);
    await rm(folder, { recursive: true });
    expect(exitCode).toBe(78);
    expect(JSON.parse(stdout.split('\n').at(-1) ?? '')).toMatchObject({
      event: 'configuration.invalid',
      explanation: `${key} is "/dev/null/folder", but it must be a directory that the sidecar can write to (ENOTDIR).`,
    });
  },
);

test.for([0o2770, 0o1777, 0o752])(
  'a SHARED_DIRECTORY of mode %o, which others may write to, is refused',
  async (mode) => {
    const folder = await mkdtemp(join(tmpdir(), 'sidecar-main-'));
    const shared = join(folder, 'shared');
    await mkdir(shared);
    await chmod(shared, mode);
    const { exitCode, stdout } = await start({
      SHARED_DIRECTORY: shared,
      PRIVATE_DIRECTORY: join(folder, 'own'),
    });
    const written = await readdir(shared);
    await rm(folder, { recursive: true });
    expect(exitCode).toBe(78);
    expect(JSON.parse(stdout.split('\n').at(-1) ?? '')).toMatchObject({
      event: 'configuration.invalid',
      explanation: expect.stringContaining(
        `which others may write to (mode ${mode.toString(8)}); let its owner`,
      ),
    });
    expect(written).toEqual([]);
  },
);

test('every event has a name of two parts and a sentence', () => {
  for (const [name, { message }] of Object.entries(events)) {
    expect(name).toMatch(/^[a-z0-9-]+\.[a-z-]+$/);
    expect(message).toMatch(/^[A-Z].*\.$/);
  }
});

test('the doctor accepts the options that it is started with', async () => {
  const { exitCode, stdout } = await start({}, [...doctorCommand, doctorRefusalsOption, 'many']);
  expect(stdout).toMatch(/^--refusals must be a whole number\./);
  expect(exitCode).toBe(2);
});
