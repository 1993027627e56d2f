import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { Buildspec } from '../../../lib/constructs/common/buildspec.ts';
import { type BuildResult, runBuildspec } from '../build/run-buildspec.ts';
import { AwsFault, type Operations } from './aws-endpoint.ts';
import { readJUnit, type TestCase } from './junit.ts';

/** A CodeBuild project that runs on this machine. */
export interface LocalProject {
  readonly buildspec: Buildspec;
  /** Folder of its source. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** PATH of its commands; default: our own. */
  readonly path?: string;
}

interface RunningBuild {
  readonly id: string;
  readonly projectName: string;
  readonly startTime: number;
  readonly lines: { timestamp: number; message: string }[];
  readonly stop: AbortController;
  phase: string;
  status: string;
  result: BuildResult | undefined;
  failure: string | undefined;
}

const account = '000000000000';
const region = 'eu-central-1';

/**
 * CodeBuild on this machine, behind its own API: a started build really runs the project's buildspec, and clients can
 * follow its log and read its reports.
 */
export function localBuilds(projects: Readonly<Record<string, LocalProject>>): Operations {
  const builds = new Map<string, RunningBuild>();
  const reports = new Map<string, TestCase[]>();

  const find = (id: unknown) => {
    const build = builds.get(String(id));
    if (!build) throw new AwsFault('ResourceNotFoundException', `Build ${id} does not exist`);
    return build;
  };

  return {
    'CodeBuild.StartBuild': ({ projectName }) => {
      const name = String(projectName);
      const project = projects[name];
      if (!project) {
        throw new AwsFault('ResourceNotFoundException', `Project cannot be found: ${name}`);
      }
      const build = start(name, project, reports);
      builds.set(build.id, build);
      return { build: describe(build) };
    },
    'CodeBuild.BatchGetBuilds': ({ ids }) => ({
      builds: (ids as string[]).flatMap((id) => {
        const build = builds.get(id);
        return build ? [describe(build)] : [];
      }),
    }),
    'CodeBuild.StopBuild': ({ id }) => {
      find(id).stop.abort();
      return { build: describe(find(id)) };
    },
    'CodeBuild.BatchGetReports': ({ reportArns }) => ({
      reports: (reportArns as string[]).map((arn) => describeReport(arn, reports.get(arn) ?? [])),
    }),
    'CodeBuild.DescribeTestCases': ({ reportArn, filter }) => {
      const { status } = (filter ?? {}) as { status?: string };
      const cases = reports.get(String(reportArn)) ?? [];
      return { testCases: cases.filter((testCase) => !status || testCase.status === status) };
    },
    'Logs.GetLogEvents': ({ logStreamName, nextToken }) => {
      const build = [...builds.values()].find(({ id }) => id.endsWith(`:${logStreamName}`));
      if (!build) {
        throw new AwsFault('ResourceNotFoundException', 'The specified log stream does not exist.');
      }
      const from = Number(String(nextToken ?? 'f/0').slice(2));
      return { events: build.lines.slice(from), nextForwardToken: `f/${build.lines.length}` };
    },
  };
}

function start(projectName: string, project: LocalProject, reports: Map<string, TestCase[]>): RunningBuild {
  const build: RunningBuild = {
    id: `${projectName}:${randomUUID()}`,
    projectName,
    startTime: Date.now() / 1000,
    lines: [],
    stop: new AbortController(),
    phase: 'SUBMITTED',
    status: 'IN_PROGRESS',
    result: undefined,
    failure: undefined,
  };
  const { path, ...source } = project;
  runBuildspec({
    ...source,
    codeBuild: { projectName, account, region, initiator: 'rehearsal', ...(path && { path }) },
    output: lineStream((message) => build.lines.push({ timestamp: Date.now(), message })),
    onPhase: (phase) => {
      build.phase = phase.toUpperCase();
    },
    signal: build.stop.signal,
  })
    .then((result) => {
      for (const [arn, cases] of readReports(build, result)) reports.set(arn, cases);
      build.result = result;
      end(build, result.status);
    })
    .catch((error: Error) => {
      build.failure = error.message;
      end(build, 'FAULT');
    });
  return build;
}

function end(build: RunningBuild, status: string): void {
  build.status = status;
  build.phase = 'COMPLETED';
}

function readReports(build: RunningBuild, { reports }: BuildResult): [arn: string, cases: TestCase[]][] {
  return Object.entries(reports).map(([group, { baseDirectory, files }]) => [
    `arn:aws:codebuild:${region}:${account}:report/${build.projectName}-${group}:${build.id.split(':')[1]}`,
    files.flatMap((file) => readJUnit(readFileSync(join(baseDirectory, file), 'utf8'))),
  ]);
}

function describe(build: RunningBuild) {
  const { id, projectName, startTime, result, failure, status, phase } = build;
  const uuid = id.split(':')[1];
  const failed = result?.phases.find((candidate) => candidate.status !== 'SUCCEEDED');
  return {
    id,
    arn: `arn:aws:codebuild:${region}:${account}:build/${id}`,
    projectName,
    startTime,
    currentPhase: phase,
    buildStatus: status,
    buildComplete: status !== 'IN_PROGRESS',
    phases: [
      ...(failed ? [{ phaseType: failed.phase.toUpperCase(), contexts: [{ message: failed.message }] }] : []),
      ...(failure ? [{ phaseType: 'FINALIZING', contexts: [{ message: failure }] }] : []),
    ],
    logs: { groupName: `/rehearsal/${projectName}`, streamName: uuid },
    reportArns: Object.keys(result?.reports ?? {}).map(
      (group) => `arn:aws:codebuild:${region}:${account}:report/${projectName}-${group}:${uuid}`,
    ),
  };
}

function describeReport(arn: string, cases: readonly TestCase[]) {
  const count = (status: string) => cases.filter((testCase) => testCase.status === status).length;
  return {
    arn,
    type: 'TEST',
    status: cases.some(({ status }) => status === 'FAILED' || status === 'ERROR') ? 'FAILED' : 'SUCCEEDED',
    testSummary: {
      total: cases.length,
      statusCounts: {
        SUCCEEDED: count('SUCCEEDED'),
        FAILED: count('FAILED'),
        ERROR: count('ERROR'),
        SKIPPED: count('SKIPPED'),
      },
      durationInNanoSeconds: cases.reduce((sum, { durationInNanoSeconds }) => sum + durationInNanoSeconds, 0),
    },
  };
}

/** A stream that passes on whole lines. */
function lineStream(take: (line: string) => void): Writable {
  let rest = '';
  return new Writable({
    write(chunk, _encoding, done) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) take(line);
      done();
    },
    final(done) {
      if (rest) take(rest);
      done();
    },
  });
}
