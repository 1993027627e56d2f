import type { TestVerdict } from '../../../aws/integration-test/run-integration-test.ts';
import type { FailedCase } from '../../../aws/integration-test/test-report.ts';

/** One check. */
export interface Check {
  /** The condition that should hold. */
  readonly name: string;
  /** What is wrong, and what to do; undefined if the condition holds. */
  readonly problem: string | undefined;
}

/** Combines checks into the outcome of a test. */
export function verdict(checks: readonly Check[]): TestVerdict {
  const failed: FailedCase[] = checks.flatMap(({ name, problem }) =>
    problem === undefined ? [] : [{ name, message: problem }],
  );
  return {
    total: checks.length,
    passed: checks.length - failed.length,
    failed,
    passedAll: failed.length === 0,
    reason: failed.length === 0 ? '' : `${failed.length} of ${checks.length} tests failed.`,
  };
}
