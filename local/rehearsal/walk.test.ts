import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type Action, RejectedError, type Stage } from './action.ts';
import { walk } from './walk.ts';

function delivery() {
  const done: string[] = [];
  const work = (name: string, runOrder: number): Action => ({
    name,
    runOrder,
    rehearsed: { as: 'work', run: async () => void done.push(name) },
  });
  const stages: Stage[] = [
    { name: 'Build', actions: [work('second', 2), work('first', 1)] },
    {
      name: 'Production',
      actions: [
        {
          name: 'Approve',
          runOrder: 1,
          rehearsed: { as: 'approval', question: () => 'Deploy to production?' },
        },
        { name: 'Change set', runOrder: 2, rehearsed: { as: 'shown', reason: 'no CloudFormation here' } },
        work('deploy', 3),
      ],
    },
  ];
  return { done, stages };
}
const silent = { renderer: 'silent' } as const;

test('follows the run order and carries out what is possible', async () => {
  const { done, stages } = delivery();
  await walk(stages, silent);
  expect(done).toEqual(['first', 'second', 'deploy']);
});

test('actions with the same run order run in parallel', async () => {
  const meeting = Promise.withResolvers<void>();
  let arrived = 0;
  const meet = async () => {
    if (++arrived === 2) meeting.resolve();
    await meeting.promise;
  };
  const action = (name: string): Action => ({ name, runOrder: 1, rehearsed: { as: 'work', run: meet } });
  await walk([{ name: 'Images', actions: [action('web'), action('sidecar')] }], silent);
  expect(arrived).toBe(2);
});

test('the actions in parallel with one that fails finish, and those after them do not begin', async () => {
  const done: string[] = [];
  const failed = Promise.withResolvers<void>();
  const action = (name: string, runOrder: number, run: () => Promise<void>): Action => ({
    ...{ name, runOrder },
    rehearsed: { as: 'work', run },
  });
  const fails = action('fails', 1, async () => {
    failed.resolve();
    throw new Error('There is no table.');
  });
  const slow = action('slow', 1, async () => {
    await failed.promise;
    for (let turn = 0; turn < 100; turn += 1) await setImmediate();
    done.push('slow');
  });
  const later = action('later', 2, async () => void done.push('later'));
  await expect(walk([{ name: 'Service', actions: [fails, slow, later] }], silent)).rejects.toThrow(
    'There is no table.',
  );
  expect(done).toEqual(['slow']);
});

test('asks for approvals and stops at a no', async () => {
  const { done, stages } = delivery();
  const asked: string[] = [];
  const answer = walk(stages, {
    ...silent,
    approve: async (question) => {
      asked.push(question);
      return false;
    },
  });
  await expect(answer).rejects.toThrow(RejectedError);
  expect(asked).toEqual(['Deploy to production?']);
  expect(done).toEqual(['first', 'second']);
});

test('an injected failure stops the walk, and an unknown name is refused with a list of the known ones', async () => {
  const { done, stages } = delivery();
  await expect(walk(stages, { ...silent, fail: 'Build/second' })).rejects.toThrow('second was made to fail');
  expect(done).toEqual(['first']);
  await expect(walk(stages, { ...silent, fail: 'nothing' })).rejects.toThrow(
    '--fail is "nothing", but it must be one of these actions: Build/second, Build/first, Production/Approve',
  );
});
