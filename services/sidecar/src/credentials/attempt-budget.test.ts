import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAttemptBudget } from './attempt-budget.ts';

describe('the attempt budget', () => {
  let folder: string;
  let time: number;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'budget-'));
    time = Date.parse('2026-01-01T00:00:00Z');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const file = () => join(folder, 'refusals.json');
  const budget = () =>
    createAttemptBudget({
      file: file(),
      attempts: 3,
      window: 1800,
      urgentPause: 60,
      now: () => new Date(time),
    });
  /** Seconds from now until the password may be tried. */
  const wait = async (password: string, options = {}) =>
    Math.max(0, ((await budget().admittedAt(password, options)).getTime() - time) / 1000);

  test('admits a password that was not refused', async () => {
    expect(await wait('a')).toBe(0);
    await budget().refused('b');
    expect(await wait('a')).toBe(0);
  });

  test('admits a refused one again once a window and a tenth has passed without a refusal, also after a restart', async () => {
    await budget().refused('a');
    expect(await wait('a')).toBe(1980);
    time += 400_000;
    await budget().refused('b');
    expect(await wait('a')).toBe(1980);
    time += 1_980_000;
    expect(await wait('a')).toBe(0);
  });

  test('admits it immediately for an operator, until the attempts are used up', async () => {
    for (const used of [1, 2, 3]) {
      expect(await wait('a', { repeat: true }), `attempt ${used}`).toBe(0);
      await budget().refused('a');
      time += 60_000;
    }
    expect(await wait('a', { repeat: true })).toBe(1980 - 60);
  });

  test('admits it while no ticket is held after a minute, then two, until the attempts are used up', async () => {
    await budget().refused('a');
    expect(await wait('a', { isUrgent: true })).toBe(60);
    time += 60_000;
    expect(await wait('a', { isUrgent: true })).toBe(0);
    await budget().refused('a');
    expect(await wait('a', { isUrgent: true })).toBe(120);
    await budget().refused('a');
    expect(await wait('a', { isUrgent: true })).toBe(1980);
  });

  test('admits one of two after a minute while no ticket is held, when both were refused', async () => {
    await budget().refused('a');
    await budget().refused('b');
    expect([await wait('a', { isUrgent: true }), await wait('b', { isUrgent: true })]).toEqual([60, 60]);
    time += 60_000;
    await budget().refused('a');
    expect(await wait('b', { isUrgent: true })).toBe(1980);
  });

  test('reserves one attempt for a password that was not tried yet', async () => {
    for (const password of ['a', 'b', 'c', 'd']) {
      expect(await wait(password)).toBe(0);
      await budget().refused(password);
    }
    expect(await wait('e')).toBe(1980);
  });

  // MS-SAMR, section 3.1.1.8.1: the counter restarts only after a window without a refusal.
  test.for([
    ['the same password', () => 'a', {}],
    ['two passwords by turns', (turn: number) => `${turn % 2}`, {}],
    ['a new password each time', (turn: number) => `${turn}`, {}],
    ['the same one for an impatient operator', () => 'a', { repeat: true }],
    ['the same one while no ticket is held', () => 'a', { isUrgent: true }],
    ['two by turns while no ticket is held', (turn: number) => `${turn % 2}`, { isUrgent: true }],
    ['a new one each time while no ticket is held', (turn: number) => `${turn}`, { isUrgent: true }],
  ] as const)(
    "never brings the directory's counter to five with %s tried whenever it may",
    async ([, choose, options]) => {
      let count = 0;
      let last = 0;
      for (let turn = 0; turn < 20; turn++) {
        const password = choose(turn);
        time += (await wait(password, options)) * 1000;
        count = time - last > 1_800_000 ? 1 : count + 1;
        last = time;
        expect(count).toBeLessThan(5);
        await budget().refused(password);
        time += 1000;
      }
    },
  );

  test('forgets everything once a password was right', async () => {
    await budget().refused('a');
    await budget().accepted();
    expect(await wait('a')).toBe(0);
  });

  test('keeps no password', async () => {
    await budget().refused('a secret word');
    expect(await readFile(file(), 'utf8')).not.toContain('secret');
  });

  test('treats a file that is not a budget as an empty one', async () => {
    await writeFile(file(), 'noise');
    expect(await wait('a')).toBe(0);
    await budget().refused('a');
    expect(await wait('a')).toBe(1980);
  });
});
