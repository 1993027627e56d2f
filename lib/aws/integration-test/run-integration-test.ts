import {
  BatchGetBuildsCommand,
  type Build,
  StartBuildCommand,
  StopBuildCommand,
} from '@aws-sdk/client-codebuild';
import { BuildLog } from '../build-log.ts';
import type { BuildClients } from '../clients.ts';
import { ReleaseError } from '../errors.ts';
import { poll } from '../poll.ts';
import { readTestReport, type TestReport } from './test-report.ts';

export interface TestRunOptions {
  /** Name of the CodeBuild project. */
  readonly project: string;
  /** Takes progress, and the log of the test, line by line. */
  readonly report: (line: string) => void;
  /** Ends the test: the build is stopped. */
  readonly signal?: AbortSignal | undefined;
  readonly intervalSeconds?: number;
  /** Default 35 minutes: more than the project's own limit, which speaks first. */
  readonly limitSeconds?: number;
}

export interface TestOutcome extends TestReport {
  /** True only when the build succeeded and its report has tests that all passed. */
  readonly passedAll: boolean;
  /** Why not, in a sentence. */
  readonly reason: string;
  readonly buildId: string;
  readonly logsUrl: string;
}

/**
 * Starts the integration test of an environment, follows it to its end, and says what it found.
 *
 * @throws {ReleaseError} when it did not end in time; errors of AWS as they come
 */
export async function runIntegrationTest(
  clients: BuildClients,
  options: TestRunOptions,
): Promise<TestOutcome> {
  const { project, report, signal, intervalSeconds = 3, limitSeconds = 2100 } = options;
  const { build } = await clients.builds.send(new StartBuildCommand({ projectName: project }));
  const id = build?.id;
  if (!id) throw new ReleaseError(`CodeBuild did not start ${project}.`);
  report(`Started ${id}`);
  try {
    const log = new BuildLog(clients.logs);
    let phase: string | undefined;
    const ended = await poll(
      { intervalSeconds, limitSeconds, what: `The end of ${id}`, signal },
      async () => {
        const current = await getBuild(clients, id);
        if (current.currentPhase !== phase) report(`— ${current.currentPhase}`);
        phase = current.currentPhase;
        for (const line of await log.newLines(current)) report(line);
        return current.buildComplete ? current : undefined;
      },
    );
    return outcome(ended, await readTestReport(clients.builds, ended.reportArns ?? []));
  } catch (error) {
    // A test that nobody follows any more would go on for nothing, and block the next one.
    await clients.builds.send(new StopBuildCommand({ id })).catch(() => undefined);
    throw error;
  }
}

async function getBuild({ builds }: BuildClients, id: string): Promise<Build> {
  const { builds: found = [] } = await builds.send(new BatchGetBuildsCommand({ ids: [id] }));
  if (!found[0]) throw new ReleaseError(`CodeBuild does not know the build ${id} any more.`);
  return found[0];
}

function outcome(build: Build, report: TestReport): TestOutcome {
  const reason = whyNot(build, report);
  return {
    ...report,
    passedAll: reason === '',
    reason,
    buildId: build.id ?? '',
    logsUrl: build.logs?.deepLink ?? '',
  };
}

function whyNot({ buildStatus, phases = [] }: Build, { total, passed, failed }: TestReport): string {
  if (failed.length > 0) return `${failed.length} of ${total} tests failed.`;
  if (buildStatus !== 'SUCCEEDED') {
    const message = phases
      .flatMap(({ contexts = [] }) => contexts.map((context) => context.message))
      .find(Boolean);
    return `The build ended as ${buildStatus}${message ? `: ${message}` : '.'}`;
  }
  if (total === 0) return 'The build succeeded, but there is no report of any test.';
  if (passed < total) return `Only ${passed} of ${total} tests passed; the others were not run.`;
  return '';
}
