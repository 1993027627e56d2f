import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { processStartTime, signalDescendants } from './process-group.ts';

/** Prints its process id and, as long as the depth is above 0, starts another instance of itself. */
const program = `
  const { spawn } = require('node:child_process');
  const [depth] = process.argv.slice(1);
  console.log(process.pid);
  if (depth > 0) spawn(process.execPath, ['-e', process.env.PROGRAM, depth - 1], { stdio: 'inherit' });
  setInterval(() => {}, 1000);
`;

test.runIf(process.platform === 'linux')(
  'a signal to the descendants of a process reaches all of them and no other process',
  async () => {
    const start = () => {
      const child = spawn(process.execPath, ['-e', program, '2'], {
        env: { ...process.env, PROGRAM: program },
      });
      let output = '';
      child.stdout.on('data', (data) => {
        output += data;
      });
      return { child, pids: () => output.trim().split('\n').map(Number) };
    };
    const [one, other] = [start(), start()];
    try {
      for (const { pids } of [one, other]) await expect.poll(() => pids().length).toBe(3);
      const [own, ...descendants] = one.pids();
      signalDescendants(one.child.pid as number, 'SIGKILL');
      await expect.poll(() => descendants.filter(isAtWork)).toEqual([]);
      expect([own, ...other.pids()].filter((pid) => isAtWork(pid as number))).toHaveLength(4);
    } finally {
      for (const { child } of [one, other]) {
        signalDescendants(child.pid as number, 'SIGKILL');
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
    }
  },
);

const isAtWork = (pid: number) => processStartTime(pid) !== undefined;
