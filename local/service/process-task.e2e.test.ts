import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ManagedProcess } from '../processes/managed-process.ts';
import { temporaryFolder } from '../processes/temporary-folder.ts';
import { type OtherProgram, startProcessTask, userOfService } from './process-task.ts';
import type { Task } from './task.ts';

const { path: stateDirectory, [Symbol.dispose]: remove } = temporaryFolder('process-task');
const programs = join(stateDirectory, 'programs');
const node = join(programs, 'node');
const slot = { name: 'task-1', address: '127.0.0.1', port: 0 };
const report = join(stateDirectory, 'reports', 'cache.json');
const work = join(stateDirectory, 'reports', 'work');

/** Reports its user and its variables, and runs until its work is gone. */
const companion = `
import { existsSync, renameSync, writeFileSync } from 'node:fs';
const { REPORT, WORK, CACHE_SIZE, KRB5CCNAME } = process.env;
writeFileSync(REPORT + '.new', JSON.stringify({ uid: process.getuid(), gid: process.getgid(), CACHE_SIZE, KRB5CCNAME }));
renameSync(REPORT + '.new', REPORT);
setInterval(() => { if (!existsSync(WORK)) process.exit(7); }, 20);
`;

beforeAll(() => {
  mkdirSync(programs, { recursive: true });
  mkdirSync(join(stateDirectory, 'reports'));
  // The users of the containers cannot read root's temporary folder, nor perhaps the clone that Node.js is in.
  for (const open of [stateDirectory, programs]) chmodSync(open, 0o755);
  chmodSync(join(stateDirectory, 'reports'), 0o777);
  copyFileSync(process.execPath, node);
  chmodSync(node, 0o755);
  const idle = 'setInterval(() => undefined, 1000);';
  for (const [name, text] of Object.entries({ idle, companion, healthy: '', sick: 'process.exit(1);' })) {
    writeFileSync(program(name), text, { mode: 0o644 });
  }
});
afterAll(() => remove());

test('another container runs with its own variables and user, and its end ends the task if it is essential', async () => {
  const task = await start({ essential: true, isReady: async () => existsSync(report) });
  expect(JSON.parse(readFileSync(report, 'utf8'))).toEqual({
    ...{ uid: 1023, gid: 1022, CACHE_SIZE: '64' },
    KRB5CCNAME: `FILE:${join(stateDirectory, 'tasks', 'task-1', 'scratch', 'krbcache')}`,
  });
  rmSync(work);
  expect(await task.ended).toBe('its cache service ended with exit code 7');
});

test('the end of a container that is not essential leaves the task running', async () => {
  const ready = Promise.withResolvers<ManagedProcess>();
  const task = await start({
    essential: false,
    isReady: async (process) => {
      ready.resolve(process);
      return existsSync(report);
    },
  });
  rmSync(work);
  expect(await (await ready.promise).exited).toBe(7);
  expect(await Promise.race([task.ended, 'running'])).toBe('running');
  await task.stop();
  expect(await task.ended).toBe('stopped');
});

test('a container that does not become ready fails the start, and leaves nothing running', async () => {
  const ready = Promise.withResolvers<ManagedProcess>();
  const never: OtherProgram['isReady'] = async (process) => {
    ready.resolve(process);
    return false;
  };
  await expect(start({ isReady: never }, 500)).rejects.toThrow(
    'The cache service is not ready after 0.5 s. The end of',
  );
  expect((await ready.promise).running).toBe(false);
  await expect(start({ isReady: never, program: program('sick') })).rejects.toThrow(
    'The cache service is not ready because it ended.',
  );
});

function start(other: Partial<OtherProgram>, readyMilliseconds?: number): Promise<Task> {
  rmSync(report, { force: true });
  writeFileSync(work, '');
  return startProcessTask({
    slot,
    stateDirectory,
    programs: { node, sidecar: program('idle'), health: program('healthy') },
    sidecarEnvironment: {},
    service: { name: 'web', program: program('idle'), environment: {}, isReady: async () => true },
    others: [
      {
        ...{ name: 'cache', program: program('companion'), user: userOfService({ uid: 1003, gid: 1002 }, 2) },
        environment: { REPORT: report, WORK: work, CACHE_SIZE: '64' },
        essential: true,
        isReady: async () => true,
        ...other,
      },
    ],
    ...(readyMilliseconds !== undefined && { readyMilliseconds }),
  });
}

function program(name: string): string {
  return join(programs, `${name}.mjs`);
}
