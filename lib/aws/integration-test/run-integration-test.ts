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

/** Milliseconds that the stop of a build may take: somebody waits for the end. */
const stopLimit = 8000;
/** Seconds: CodeBuild's own limit for its queue is eight hours. */
const queueLimit = 8 * 3600 + 60;

export interface TestRunOptions {
  /** Name of the CodeBuild project. */
  readonly project: string;
  /** Settings of the test in place of the project's own; its role must allow them. Default: none. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Takes progress, and the log of the test, line by line. */
  readonly report: (line: string) => void;
  /** Told at each look that the test is still at work. */
  readonly waiting?: () => void;
  /** Ends the test: the build is stopped. */
  readonly signal?: AbortSignal | undefined;
  readonly intervalSeconds?: number;
  /** From its start on; default 35 minutes: more than the project's own limit, which speaks first. */
  readonly limitSeconds?: number;
}

export interface TestVerdict extends TestReport {
  /** True only when there were tests, and all passed; of a build, only when it succeeded, too. */
  readonly passedAll: boolean;
  /** Why not, in a sentence. */
  readonly reason: string;
}

export interface TestOutcome extends TestVerdict {
  readonly buildId: string;
  readonly logsUrl: string;
}

/**
 * Starts the integration test of an environment, follows it to its end, and says what it found.
 *
 * @throws ReleaseError when it did not end in time; errors of AWS as they come
 */
export async function runIntegrationTest(
  clients: BuildClients,
  options: TestRunOptions,
): Promise<TestOutcome> {
  const { project, settings = {}, report, waiting, signal } = options;
  const { intervalSeconds = 3, limitSeconds = 2100 } = options;
  const overrides = Object.entries(settings).map(([name, value]) => ({ name, value }));
  // An answer that got lost is asked for again: the token keeps that from starting a second build.
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
    // Time in the queue is not the test's: an account may run few builds at once.
    await waitFor(`The start of ${id}`, queueLimit, hasBegun);
    const ended = await waitFor(
      `The end of ${id}`,
      limitSeconds,
      ({ buildComplete }) => buildComplete === true,
    );
    const reports = { arns: ended.reportArns ?? [], intervalSeconds, signal };
    return outcome(ended, await readTestReport(clients.builds, reports));
  } catch (error) {
    // A test that nobody follows any more would go on for nothing, and block the next one.
    await clients.builds
      .send(new StopBuildCommand({ id }), { abortSignal: AbortSignal.timeout(stopLimit) })
      .catch((cause: unknown) =>
        report(`${id} could not be stopped and goes on to its own end. ${explainAwsError(cause)}`),
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
  if (total === 0) return 'The build succeeded, but there is no report of any test.';
  if (passed < total) return `Only ${passed} of ${total} tests passed; the others were not run.`;
  return '';
}
