import { expect } from 'vitest';
import { type StartSidecar, test } from '../sidecar-test.ts';
import { password, type TestDomain } from '../test-domain.ts';

const newPassword = 'New pass word 2';
const tasks = 20;

async function startCrowd(start: StartSidecar, user: string) {
  return Promise.all(
    Array.from({ length: tasks }, (_, task) =>
      start({
        ...{ name: `${user}-${task}`, user, nextPassword: newPassword },
        environment: { SIGN_IN_SPREAD_SECONDS: undefined },
      }),
    ),
  );
}

async function expectAllIn(
  directory: TestDomain,
  user: string,
  crowd: Awaited<ReturnType<typeof startCrowd>>,
) {
  await Promise.all(crowd.map((running) => running.state('healthy')));
  const refusals = crowd.map(
    (running) => running.events.filter(({ event }) => event === 'password.refused').length,
  );
  expect(Math.max(...refusals)).toBeLessThanOrEqual(1);
  for (const { text } of crowd) {
    expect(text).not.toContain('account-locked');
  }
  expect(await directory.attribute(user, 'lockoutTime')).toBeOneOf([undefined, '0']);
  return refusals.reduce((sum, count) => sum + count, 0);
}

/**
 * The test's domain counts every refusal, including that of the previous password, and locks the account at the fifth.
 */
export function crowdTests(): void {
  test('already has the next password, twenty that start together all sign in, and do not lock the account', async ({
    directory,
    start,
  }) => {
    const user = await directory.user('crowd-after');
    await directory.domain.setPassword(user, newPassword);
    const crowd = await startCrowd(start, user);
    expect(await expectAllIn(directory, user, crowd)).toBe(tasks);
  });

  test('gets the next password while twenty start, they all sign in, and do not lock the account', async ({
    directory,
    start,
  }) => {
    const user = await directory.user('crowd-amid');
    const crowd = await startCrowd(start, user);
    await Promise.race(crowd.map((running) => running.next('tgt.obtained')));
    await directory.domain.setPassword(user, newPassword);
    await expectAllIn(directory, user, crowd);
  });

  test('locks an account at the fifth refusal', async ({ directory, start }) => {
    const user = await directory.user('lockable');
    const wrong = await Promise.all(
      Array.from({ length: 5 }, (_, task) => start({ name: `lockable-${task}`, user, password: 'not this' })),
    );
    await Promise.all(wrong.map((running) => running.next('password.refused')));
    const right = await start({ name: 'lockable-right', user, password });
    expect((await right.state('unhealthy')).lastError?.code).toBe('account-locked');
  });
}
