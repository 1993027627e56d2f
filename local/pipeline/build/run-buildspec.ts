import type { Writable } from 'node:stream';
import { type Buildspec, type PhaseName, phaseNames } from '../../../lib/constructs/common/buildspec.ts';
import { compileCache } from '../../processes/compile-cache.ts';
import { temporaryFolder } from '../../processes/temporary-folder.ts';
import { type CollectedFiles, collectArtifacts, collectReports } from './build-output.ts';
import { BuildShell } from './build-shell.ts';
import { type CodeBuildEnvironment, codeBuildEnvironment } from './code-build-environment.ts';

/** The inputs of a build. */
export interface BuildOptions {
  readonly buildspec: Buildspec;
  /** The source: working directory of the first command, and CODEBUILD_SRC_DIR. */
  readonly directory: string;
  /** The project's and the action's variables, with pipeline variables (`#{…}`) already replaced. */
  readonly environment: Readonly<Record<string, string>>;
  readonly codeBuild?: Partial<CodeBuildEnvironment>;
  /** Receives the log of the build. */
  readonly output: Writable;
  /** Called when a phase begins, to show progress. */
  readonly onPhase?: (phase: PhaseName) => void;
  /** Stops the build; the current phase then counts as stopped. */
  readonly signal?: AbortSignal;
  /** The project's time limit in seconds. Default 3600. */
  readonly timeLimit?: number;
}

export interface PhaseResult {
  readonly phase: PhaseName;
  readonly status: 'SUCCEEDED' | 'FAILED' | 'STOPPED';
  readonly seconds: number;
  /** For a failed phase: the command, and how it ended. */
  readonly message?: string;
}

export interface BuildResult {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'STOPPED';
  readonly phases: readonly PhaseResult[];
  readonly exportedVariables: Readonly<Record<string, string>>;
  /** Files of each report group, by the names in `reports`. */
  readonly reports: Readonly<Record<string, CollectedFiles>>;
  /** Files of the primary artifact (`''`) and of the secondary artifacts. */
  readonly artifacts: Readonly<Record<string, CollectedFiles>>;
}

/**
 * Runs a buildspec on this machine as CodeBuild would. The phases run in order. A failed command ends its phase, but
 * `finally` still runs. After a failed install or pre_build, the later phases are skipped; after a failed build,
 * post_build still runs, with CODEBUILD_BUILD_SUCCEEDING=0. Exported variables are read at the end; reports are
 * collected even after a failure, artifacts only after a success. Temporary files of the build are deleted at the end,
 * as CodeBuild's machine is.
 *
 * @see https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details-phases.html
 */
export async function runBuildspec(options: BuildOptions): Promise<BuildResult> {
  const { buildspec, directory, output } = options;
  await using temporary = temporaryFolder('build', options.environment.TMPDIR);
  const environment = {
    ...codeBuildEnvironment({ ...options.codeBuild, directory }),
    ...compileCache(),
    ...buildspec.env?.variables,
    ...options.environment,
    TMPDIR: temporary.path,
  };
  const shell = new BuildShell({ shell: buildspec.env?.shell ?? '/bin/sh', directory, environment, output });
  const limit = AbortSignal.timeout((options.timeLimit ?? 3600) * 1000);
  const stop = AbortSignal.any([limit, ...(options.signal ? [options.signal] : [])]);
  stop.addEventListener('abort', () => void shell.end(), { once: true });

  const phases: PhaseResult[] = [];
  try {
    for (const phase of phaseNames) {
      if (!shouldRun(phase, phases, buildspec) || stop.aborted) continue;
      options.onPhase?.(phase);
      const succeeding = phases.every(({ status }) => status === 'SUCCEEDED');
      await shell.run(`export CODEBUILD_BUILD_SUCCEEDING=${succeeding ? 1 : 0}`);
      phases.push(await runPhase(phase, buildspec, shell, output, stop));
    }
    const exportedVariables: Record<string, string> = {};
    for (const name of stop.aborted ? [] : (buildspec.env?.['exported-variables'] ?? [])) {
      const value = await shell.variable(name);
      if (value !== undefined) exportedVariables[name] = value;
    }
    const status = buildStatus(phases, buildspec, stop.aborted);
    return {
      status,
      phases,
      exportedVariables,
      reports: collectReports(buildspec, directory),
      artifacts: status === 'SUCCEEDED' ? collectArtifacts(buildspec, directory) : {},
    };
  } finally {
    await shell.end();
  }
}

async function runPhase(
  phase: PhaseName,
  buildspec: Buildspec,
  shell: BuildShell,
  output: Writable,
  stop: AbortSignal,
): Promise<PhaseResult> {
  const started = performance.now();
  const { commands = [], finally: always = [] } = buildspec.phases[phase] ?? {};
  const failure = await runCommands(commands, shell, output);
  // `finally` runs even after a failure. Its own failure is reported only if there was none before.
  const failureAtEnd = stop.aborted ? undefined : await runCommands(always, shell, output);
  const message = failure ?? failureAtEnd;
  const seconds = (performance.now() - started) / 1000;
  if (stop.aborted) return { phase, status: 'STOPPED', seconds, message: 'stopped, or timed out' };
  return message === undefined
    ? { phase, status: 'SUCCEEDED', seconds }
    : { phase, status: 'FAILED', seconds, message };
}

/** @returns the reason of the failure, or undefined */
async function runCommands(
  commands: readonly string[],
  shell: BuildShell,
  output: Writable,
): Promise<string | undefined> {
  for (const command of commands) {
    output.write(`[Container] Running command ${command.trimEnd()}\n`);
    const status = await shell.run(command);
    if (status !== 0)
      return `Error while executing command: ${command.trim()}. Reason: exit status ${status}`;
  }
  return undefined;
}

function shouldRun(phase: PhaseName, done: readonly PhaseResult[], buildspec: Buildspec): boolean {
  if (!buildspec.phases[phase]) return false;
  const blocking = done.find((result) => result.status !== 'SUCCEEDED' && !continues(result, buildspec));
  return blocking === undefined || (phase === 'post_build' && mayFinish(blocking, buildspec));
}

function continues({ phase }: PhaseResult, buildspec: Buildspec): boolean {
  return buildspec.phases[phase]?.['on-failure'] === 'CONTINUE';
}

/** After a failure, only post_build may still run, and only if the build phase failed without `on-failure: ABORT`. */
function mayFinish({ phase }: PhaseResult, buildspec: Buildspec): boolean {
  return phase === 'build' && buildspec.phases.build?.['on-failure'] !== 'ABORT';
}

function buildStatus(
  phases: readonly PhaseResult[],
  buildspec: Buildspec,
  aborted: boolean,
): BuildResult['status'] {
  if (aborted) return 'STOPPED';
  return phases.every((result) => result.status === 'SUCCEEDED' || continues(result, buildspec))
    ? 'SUCCEEDED'
    : 'FAILED';
}
