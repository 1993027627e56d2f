import { BatchGetBuildsCommand, type Build } from '@aws-sdk/client-codebuild';
import type { ActionExecutionDetail } from '@aws-sdk/client-codepipeline';
import { BuildLog } from '../../../aws/build-log.ts';
import { plainText } from '../../../aws/plain-text.ts';
import type { ReleaseContext } from '../context.ts';
import type { DeclaredAction } from './pipeline-reader.ts';

/** The current state of one action of an execution. */
export interface ActionProgress {
  readonly stage: string;
  readonly name: string;
  readonly runOrder: number;
  /** CodePipeline's status; `NotYet` before the action begins, `Waiting` for an approval. */
  readonly status: string;
  readonly startedAt: string;
  readonly updatedAt: string;
  /** Why it failed, what an approval is about, or a build's summary. */
  readonly message: string;
  /** A build's phase, such as `PRE_BUILD`. */
  readonly phase: string;
  /** The last lines of a build's log. */
  readonly log: readonly string[];
  /** All log lines that have arrived since the last poll. */
  readonly newLines: readonly string[];
}

export interface ProgressSnapshot {
  readonly status: string;
  readonly statusSummary: string;
  readonly actions: readonly ActionProgress[];
}

/** The number of log lines to keep for each build. */
const tail = 8;

/**
 * The progress of one execution: the state of its actions and, for running builds, their phase and the end of their
 * log.
 */
export class ExecutionProgress {
  readonly #context: ReleaseContext;
  readonly #executionId: string;
  readonly #declared: readonly DeclaredAction[];
  readonly #logs = new Map<string, { readonly log: BuildLog; lines: string[] }>();
  /** Builds whose log has been read to the end, or that had ended before the first poll. */
  readonly #over = new Set<string>();
  #looks = 0;

  private constructor(context: ReleaseContext, executionId: string, declared: readonly DeclaredAction[]) {
    this.#context = context;
    this.#executionId = executionId;
    this.#declared = declared;
  }

  /** Reads the pipeline's actions, once for all polls. */
  static async open(context: ReleaseContext, executionId: string): Promise<ExecutionProgress> {
    return new ExecutionProgress(context, executionId, await context.pipeline.actions());
  }

  /** Reads the current state of the execution. */
  async look(): Promise<ProgressSnapshot> {
    const { pipeline } = this.#context;
    const [execution, details] = await Promise.all([
      pipeline.execution(this.#executionId),
      pipeline.actionExecutions(this.#executionId),
    ]);
    const builds = await this.#builds(details);
    const actions = await Promise.all(
      this.#declared.map((action) => {
        const detail = details.get(`${action.stage}/${action.name}`);
        return this.#progress(action, detail, builds.get(buildId(detail) ?? ''));
      }),
    );
    const { status = '', statusSummary = '' } = execution;
    return { status, statusSummary: plainText(statusSummary), actions };
  }

  /**
   * Builds in this account that are running, or that have ended since the last poll and may have logged more. Builds in
   * other accounts are followed by the build here that started them.
   */
  async #builds(details: ReadonlyMap<string, ActionExecutionDetail>): Promise<Map<string, Build>> {
    const first = this.#looks++ === 0;
    const ids: string[] = [];
    for (const detail of details.values()) {
      const id = buildId(detail);
      if (id === undefined || this.#over.has(id)) continue;
      const over = detail.status !== 'InProgress';
      if (over) this.#over.add(id);
      if (!over || !first) ids.push(id);
    }
    if (ids.length === 0) return new Map();
    const { builds = [] } = await this.#context.clients.builds.send(new BatchGetBuildsCommand({ ids }));
    return new Map(builds.map((build) => [build.id ?? '', build]));
  }

  async #progress(
    { stage, name, runOrder, provider }: DeclaredAction,
    detail: ActionExecutionDetail | undefined,
    build: Build | undefined,
  ): Promise<ActionProgress> {
    const waiting = provider === 'Manual' && detail?.status === 'InProgress';
    const result = detail?.output?.executionResult;
    const question = waiting ? detail?.input?.resolvedConfiguration?.CustomData : undefined;
    const newLines = build ? await this.#newLines(build) : [];
    return {
      stage: plainText(stage),
      name: plainText(name),
      runOrder,
      status: waiting ? 'Waiting' : (detail?.status ?? 'NotYet'),
      startedAt: detail?.startTime?.toISOString() ?? '',
      updatedAt: detail?.lastUpdateTime?.toISOString() ?? '',
      message: plainText(question ?? result?.errorDetails?.message ?? result?.externalExecutionSummary ?? ''),
      phase: detail?.status === 'InProgress' ? plainText(build?.currentPhase ?? '') : '',
      log: build ? (this.#logs.get(build.id ?? '')?.lines ?? []) : [],
      newLines,
    };
  }

  async #newLines(build: Build): Promise<readonly string[]> {
    const id = build.id ?? '';
    const followed = this.#logs.get(id) ?? { log: new BuildLog(this.#context.clients.logs), lines: [] };
    this.#logs.set(id, followed);
    const lines = await followed.log.newLines(build);
    followed.lines = [...followed.lines, ...lines].slice(-tail);
    return lines;
  }
}

function buildId(detail: ActionExecutionDetail | undefined): string | undefined {
  const isBuild = detail?.input?.actionTypeId?.provider === 'CodeBuild';
  return isBuild ? detail?.output?.executionResult?.externalExecutionId : undefined;
}
