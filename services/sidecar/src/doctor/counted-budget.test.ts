import { expect, test } from 'vitest';
import type { AttemptBudget } from '../credentials/attempt-budget.ts';
import { countedBudget } from './counted-budget.ts';

/** Admits everything immediately. */
const generous: AttemptBudget = {
  admittedAt: async () => new Date(0),
  refused: async () => {},
  unclearAnswer: async () => undefined,
  accepted: async () => {},
};

test.each([
  [0, 3],
  [1, 2],
  [2, 1],
  [3, 0],
  [9, 0],
])('after %i refusals elsewhere, %i more of three are allowed', async (elsewhere, left) => {
  const budget = countedBudget(generous, { elsewhere, attempts: 3, windowSeconds: 1800 });
  let made = 0;
  while ((await budget.admittedAt(`password ${made}`)) <= new Date() && made < 10) {
    await budget.refused(`password ${made}`);
    made += 1;
  }
  expect(made).toBe(left);
});
