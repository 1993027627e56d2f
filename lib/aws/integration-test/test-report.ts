import {
  BatchGetReportsCommand,
  type CodeBuildClient,
  DescribeTestCasesCommand,
} from '@aws-sdk/client-codebuild';
import { plainText } from '../plain-text.ts';
import { poll } from '../poll.ts';

/** A test case that did not pass, as CodeBuild reports it. */
export interface FailedCase {
  readonly name: string;
  readonly message: string;
}

/** The combined reports of one build. */
export interface TestReport {
  readonly total: number;
  readonly passed: number;
  readonly failed: readonly FailedCase[];
}

export interface ReportOptions {
  readonly arns: readonly string[];
  /** Between two polls while a report is being generated. */
  readonly intervalSeconds: number;
  readonly signal?: AbortSignal | undefined;
}

/** Seconds that CodeBuild may take to generate a report after a build. */
const reportLimit = 300;

/**
 * Reads a build's test reports once they are generated, including the cases that did not pass.
 *
 * @throws Error if a report is not generated in time
 */
export async function readTestReport(
  client: CodeBuildClient,
  { arns, intervalSeconds, signal }: ReportOptions,
): Promise<TestReport> {
  if (arns.length === 0) return { total: 0, passed: 0, failed: [] };
  const what = `The report ${arns.join(', ')}`;
  // A build may end before its report is generated; the report is empty until then, which does not mean "no tests".
  const reports = await poll({ intervalSeconds, limitSeconds: reportLimit, what, signal }, async () => {
    const { reports: found = [] } = await client.send(new BatchGetReportsCommand({ reportArns: [...arns] }));
    return found.some(({ status }) => status === 'GENERATING') ? undefined : found;
  });
  const summaries = reports.map(({ testSummary }) => testSummary);
  const failed: FailedCase[] = [];
  for (const reportArn of arns) {
    for (const status of ['FAILED', 'ERROR']) {
      for await (const testCase of testCases(client, reportArn, status)) failed.push(testCase);
    }
  }
  return {
    total: summaries.reduce((sum, summary) => sum + (summary?.total ?? 0), 0),
    passed: summaries.reduce((sum, summary) => sum + (summary?.statusCounts?.SUCCEEDED ?? 0), 0),
    failed,
  };
}

async function* testCases(
  client: CodeBuildClient,
  reportArn: string,
  status: string,
): AsyncGenerator<FailedCase> {
  let nextToken: string | undefined;
  do {
    const page = await client.send(
      new DescribeTestCasesCommand({ reportArn, filter: { status }, nextToken }),
    );
    for (const { prefix, name = '', message = '' } of page.testCases ?? []) {
      yield {
        name: plainText([prefix, name].filter(Boolean).join(' › ')),
        message: message.split(/\r?\n/).map(plainText).join('\n'),
      };
    }
    nextToken = page.nextToken;
  } while (nextToken);
}
