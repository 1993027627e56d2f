import { randomUUID } from 'node:crypto';
import {
  BatchGetBuildsCommand,
  type Build,
  StartBuildCommand,
  StopBuildCommand,
} from '@aws-sdk/client-codebuild';
import { BuildLog } from '../build-log.ts';
import type { BuildClients } from '../clients.ts';
import { explainAwsError, ReleaseError } from '../errors.ts';
import { poll } from '../poll.ts';
import { readTestReport, type TestReport } from './test-report.ts';

/** Milliseconds allowed for stopping a build, since the caller is waiting. */
const stopLimit = 8000;
/** Seconds. CodeBuild's own queue limit is eight hours. */
const queueLimit = 8 * 3600 + 60;

export interface TestRunOptions {
  /** Name of the CodeBuild project. */
  readonly project: string;
  /** Settings that override those of the project; its role must allow them. Default: none. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Receives progress and the test's log, line by line. */
  readonly report: (line: string) => void;
  /** Called at each poll, to show that the test is still running. */
  readonly waiting?: () => void;
  /** Aborting it stops the build. */
  readonly signal?: AbortSignal | undefined;
  readonly intervalSeconds?: number;
  /**
   * Counted from the test's start; default 35 minutes. Longer than the project's own limit, so that CodeBuild reports
   * first.
   */
  readonly limitSeconds?: number;
}

export interface TestVerdict extends TestReport {
  /** True only if there were tests and all passed; for a build, only if the build succeeded as well. */
  readonly passedAll: boolean;
  /** Why the tests did not pass; empty if they did. */
  readonly reason: string;
}

export interface TestOutcome extends TestVerdict {
  readonly buildId: string;
  readonly logsUrl: string;
}

/**
 * Starts an environment's integration test, follows it to its end and returns the outcome.
 *
 * @throws Error if it does not end in time, ReleaseError if it does not start; errors of AWS are passed on
 */
export async function runIntegrationTest(
  clients: BuildClients,
  options: TestRunOptions,
): Promise<TestOutcome> {
  const { project, settings = {}, report, waiting, signal } = options;
  const { intervalSeconds = 3, limitSeconds = 2100 } = options;
  const overrides = Object.entries(settings).map(([name, value]) => ({ name, value }));
  // If the answer gets lost, the request is repeated; the token prevents a second build.
  const { build } = await clients.builds.send(
    new StartBuildCommand({
      projectName: project,
      idempotencyToken: randomUUID(),
      ...(overrides.length > 0 && { environmentVariablesOverride: overrides }),
    }),
  );
  const id = build?.id;
  if (!id) throw new ReleaseError(`CodeBuild did not start ${project}.`);
  report(`Started ${id}`);
  try {
    const log = new BuildLog(clients.logs);
    let phase: string | undefined;
    const look = async () => {
      const current = await getBuild(clients, id);
      if (current.currentPhase !== phase) report(`— ${current.currentPhase}`);
      phase = current.currentPhase;
      for (const line of await log.newLines(current)) report(line);
      waiting?.();
      return current;
    };
    const waitFor = (what: string, limit: number, done: (build: Build) => boolean) =>
      poll({ intervalSeconds, limitSeconds: limit, what, signal }, async () => {
        const build = await look();
        return done(build) ? build : undefined;
      });
    // Time in the queue does not count as the test's: an account may allow only a few builds in parallel.
    await waitFor(`The start of ${id}`, queueLimit, hasBegun);
    const ended = await waitFor(
      `The end of ${id}`,
      limitSeconds,
      ({ buildComplete }) => buildComplete === true,
    );
    const reports = { arns: ended.reportArns ?? [], intervalSeconds, signal };
    return outcome(ended, await readTestReport(clients.builds, reports));
  } catch (error) {
    // Stop the build: nobody follows it any more, and it would block the next one.
    await clients.builds
      .send(new StopBuildCommand({ id }), { abortSignal: AbortSignal.timeout(stopLimit) })
      .catch((cause: unknown) =>
        report(`${id} could not be stopped and continues to its own end. ${explainAwsError(cause)}`),
      );
    throw error;
  }
}

function hasBegun({ buildComplete, currentPhase }: Build): boolean {
  return buildComplete === true || !['SUBMITTED', 'QUEUED'].includes(currentPhase ?? '');
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
  if (total === 0) return 'The build succeeded, but reported no tests.';
  if (passed < total) return `Only ${passed} of ${total} tests passed; the others were not run.`;
  return '';
}
