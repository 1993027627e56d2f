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
    createAttemptBudget({ file: file(), attempts: 3, window: 1800, now: () => new Date(time) });
  /** Seconds from now. */
  const wait = async (password: string, options = {}) =>
    Math.max(0, ((await budget().admittedAt(password, options)).getTime() - time) / 1000);

  test('admits a password that was not refused', async () => {
    expect(await wait('a')).toBe(0);
    await budget().refused('b');
    expect(await wait('a')).toBe(0);
  });

  test('admits a refused one again after its share of the window, also after a restart', async () => {
    await budget().refused('a');
    expect(await wait('a')).toBe(600);
    time += 400_000;
    expect(await wait('a')).toBe(200);
    time += 200_000;
    expect(await wait('a')).toBe(0);
  });

  test('admits it at once to an operator, until the attempts are used up', async () => {
    for (const used of [1, 2, 3]) {
      expect(await wait('a', { repeat: true }), `attempt ${used}`).toBe(0);
      await budget().refused('a');
      time += 60_000;
    }
    expect(await wait('a', { repeat: true })).toBe(1800 - 180);
  });

  test('allows no more than its attempts in any window when one password is tried whenever it may', async () => {
    const times: number[] = [];
    for (let tried = 0; tried < 12; tried++) {
      time += (await wait('a')) * 1000;
      times.push(time);
      await budget().refused('a');
    }
    const crowded = times.filter(
      (at) => times.filter((other) => other > at - 1_800_000 && other <= at).length > 3,
    );
    expect(crowded).toEqual([]);
  });

  test('forgets everything once a password was right', async () => {
    await budget().refused('a');
    await budget().accepted();
    expect(await wait('a')).toBe(0);
  });

  test('keeps no password', async () => {
    await budget().refused('a secret word');
    expect(await readFile(file(), 'utf8')).not.toContain('secret');
  });

  test('takes a file that is no budget for an empty one', async () => {
    await writeFile(file(), 'noise');
    expect(await wait('a')).toBe(0);
    await budget().refused('a');
    expect(await wait('a')).toBe(600);
  });
});
