import type { AttemptBudget } from '../credentials/attempt-budget.ts';

export interface Count {
  /** Refusals seen elsewhere within the window; the service's sidecars sign in with the same account. */
  readonly elsewhere: number;
  /** Refused attempts allowed in a series, counting everyone's. */
  readonly attempts: number;
  readonly windowSeconds: number;
}

/**
 * A budget that also counts the refusals seen elsewhere, because the directory counts all refusals of an account
 * together. The sidecars reserve one more attempt for a password that has not been tried yet; the doctor does not use
 * it.
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
