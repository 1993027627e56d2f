import type { AttemptBudget } from '../credentials/attempt-budget.ts';

export interface Count {
  /** Refusals that were seen elsewhere within the window: the sidecars of the service sign in with the same account. */
  readonly elsewhere: number;
  /** Refused attempts allowed in a series, all of them together. */
  readonly attempts: number;
  readonly windowSeconds: number;
}

/**
 * A budget that is shared with others: the directory counts all refusals of an account together. What the sidecars keep
 * for a password that was not tried yet is theirs; the doctor takes nothing of it.
 */
export function countedBudget(
  budget: AttemptBudget,
  { elsewhere, attempts, windowSeconds }: Count,
): AttemptBudget {
  let own = 0;
  return {
    async admittedAt(password, need) {
      const admitted = await budget.admittedAt(password, need);
      if (elsewhere + own < attempts) return admitted;
      return new Date(Math.max(admitted.getTime(), Date.now() + windowSeconds * 1000));
    },
    async refused(password, unclear) {
      own += 1;
      await budget.refused(password, unclear);
    },
    unclearAnswer: (password) => budget.unclearAnswer(password),
    accepted: () => budget.accepted(),
  };
}
