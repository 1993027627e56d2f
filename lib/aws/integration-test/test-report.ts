import {
  BatchGetReportsCommand,
  type CodeBuildClient,
  DescribeTestCasesCommand,
} from '@aws-sdk/client-codebuild';

/** A test case that did not pass, as CodeBuild keeps it. */
export interface FailedCase {
  readonly name: string;
  readonly message: string;
}

/** What the reports of one build say together. */
export interface TestReport {
  readonly total: number;
  readonly passed: number;
  readonly failed: readonly FailedCase[];
}

/** Reads the test reports of a build, and of those the cases that did not pass. */
export async function readTestReport(
  client: CodeBuildClient,
  reportArns: readonly string[],
): Promise<TestReport> {
  if (reportArns.length === 0) return { total: 0, passed: 0, failed: [] };
  const { reports = [] } = await client.send(new BatchGetReportsCommand({ reportArns: [...reportArns] }));
  const summaries = reports.map(({ testSummary }) => testSummary);
  const failed: FailedCase[] = [];
  for (const reportArn of reportArns) {
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
      yield { name: [prefix, name].filter(Boolean).join(' › '), message };
    }
    nextToken = page.nextToken;
  } while (nextToken);
}
