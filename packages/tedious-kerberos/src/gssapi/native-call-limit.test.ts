import { expect, test } from 'vitest';
import { callLimit, defaultCallLimit } from './native-call-limit.ts';

const never = new AbortController().signal;

test('no more concurrent calls than the limit, and all run in order', async () => {
  const limit = callLimit(2);
  let running = 0;
  let most = 0;
  const order: number[] = [];
  await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      limit.run(never, async () => {
        running += 1;
        most = Math.max(most, running);
        order.push(index);
        await Promise.resolve();
        running -= 1;
      }),
    ),
  );
  expect(most).toBe(2);
  expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('a call whose signal is aborted while waiting does not run, and blocks no other', async () => {
  const limit = callLimit(1);
  const controller = new AbortController();
  const first = Promise.withResolvers<void>();
  const running = limit.run(never, () => first.promise);
  const impatient = limit.run(controller.signal, async () => 'ran');
  const patient = limit.run(never, async () => 'ran');
  controller.abort(new Error('time is up'));
  await expect(impatient).rejects.toThrow('time is up');
  first.resolve();
  await running;
  await expect(patient).resolves.toBe('ran');
});

test('a call that fails makes room for the next', async () => {
  const limit = callLimit(1);
  await expect(limit.run(never, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  await expect(limit.run(never, async () => 'ran')).resolves.toBe('ran');
});

test("the default is half of libuv's threads", () => {
  expect([1, 2, 4, 16].map(defaultCallLimit)).toEqual([1, 1, 2, 8]);
});
