import { expect, test } from 'vitest';
import { patience, within } from '../processes/within.ts';
import { startService } from './service.ts';
import type { Slot, Task } from './task.ts';

const slots: Slot[] = [1, 2, 3].map((n) => ({ name: `task-${n}`, address: `127.0.0.${n}`, port: 8080 }));

/** Tasks without processes: they live until they are stopped or made to die. */
function rehearsal() {
  const log: string[] = [];
  const living = new Map<string, { die: (reason: string) => void }>();
  let failures = 0;
  const startTask = async (slot: Slot): Promise<Task> => {
    if (failures > 0) {
      failures -= 1;
      throw new Error('no ticket');
    }
    const { promise: ended, resolve } = Promise.withResolvers<string>();
    const end = (reason: string) => {
      living.delete(slot.name);
      log.push(`${slot.name} ${reason}`);
      resolve(reason);
    };
    living.set(slot.name, { die: end });
    log.push(`${slot.name} starts`);
    return { name: slot.name, slot, ended, stop: async () => end('stops') };
  };
  return {
    log,
    living,
    startTask,
    failNext: (count: number) => {
      failures = count;
    },
  };
}

test('a deployment starts each new task before it stops an old one', async () => {
  const { log, startTask } = rehearsal();
  const service = await startService({ desiredCount: 2, slots, startTask, settleMilliseconds: 0 });
  await service.deploy();
  expect(log).toEqual([
    'task-1 starts',
    'task-2 starts',
    'task-3 starts',
    'task-1 stops',
    'task-1 starts',
    'task-2 stops',
  ]);
  await service.stop();
});

test('a deployment whose new task does not become ready leaves the old ones serving', async () => {
  const { living, startTask, failNext } = rehearsal();
  const service = await startService({ desiredCount: 2, slots, startTask, settleMilliseconds: 0 });
  failNext(1);
  await expect(service.deploy()).rejects.toThrow('no ticket');
  expect([...living.keys()]).toEqual(['task-1', 'task-2']);
  await service.stop();
});

test('a task that ends by itself is replaced, also when the first replacements fail', async () => {
  const { living, startTask, failNext } = rehearsal();
  const events: string[] = [];
  const report = (event: string) => events.push(event);
  const service = await startService({ desiredCount: 2, slots, startTask, report });
  failNext(1);
  living.get('task-1')?.die('its web service ended');
  expect(await within(patience, () => events.length === 3)).toBe(true);
  expect(events).toEqual([
    'task task-1 ended (its web service ended); starting another',
    'a new task did not become ready: no ticket',
    'task task-1 is ready',
  ]);
  await service.stop();
  expect(living.size).toBe(0);
});

test('when one of the first tasks does not become ready, none is left running', async () => {
  const { living, startTask, failNext } = rehearsal();
  failNext(1);
  await expect(startService({ desiredCount: 2, slots, startTask })).rejects.toThrow('no ticket');
  expect(living.size).toBe(0);
});
