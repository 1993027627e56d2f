import type { TestVerdict } from './run-integration-test.ts';

/** The closing lines of a test run: what failed and why, or that all tests passed. */
export function outcomeLines(
  environment: string,
  outcome: TestVerdict & { readonly logsUrl?: string },
): string[] {
  if (outcome.passedAll) {
    return [`${environment}: ${outcome.total === 1 ? 'its test' : `all ${outcome.total} tests`} passed.`];
  }
  return [
    ...outcome.failed.flatMap(({ name, message }) => [
      `✗ ${name}`,
      ...message
        .trim()
        .split('\n')
        .slice(0, 10)
        .map((line) => `    ${line}`),
    ]),
    `${environment}: ${outcome.reason}`,
    ...(outcome.logsUrl ? [`Log: ${outcome.logsUrl}`] : []),
  ];
}
