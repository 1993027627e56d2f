import type { TestVerdict } from '../../../aws/integration-test/run-integration-test.ts';
import type { FailedCase } from '../../../aws/integration-test/test-report.ts';

/** One thing that was looked at. */
export interface Check {
  /** What should hold. */
  readonly name: string;
  /** What holds instead, and what to do; undefined when all is well. */
  readonly problem: string | undefined;
}

/** The outcome of checks, in the form of a test's. */
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
