import { BatchGetBuildsCommand, type Build } from '@aws-sdk/client-codebuild';
import type { ActionExecutionDetail } from '@aws-sdk/client-codepipeline';
import { BuildLog } from '../../../aws/build-log.ts';
import type { ReleaseContext } from '../context.ts';
import type { DeclaredAction } from './pipeline-reader.ts';

/** One action of an execution, as it stands. */
export interface ActionProgress {
  readonly stage: string;
  readonly name: string;
  readonly runOrder: number;
  /** CodePipeline's word, `NotYet` before it begins, `Waiting` for an approval. */
  readonly status: string;
  readonly startedAt: string;
  readonly updatedAt: string;
  /** Why it failed, what an approval is about, or what a build says. */
  readonly message: string;
  /** A build's phase, such as `PRE_BUILD`. */
  readonly phase: string;
  /** The last lines of a build's log. */
  readonly log: readonly string[];
}

export interface ProgressSnapshot {
  readonly status: string;
  readonly statusSummary: string;
  readonly actions: readonly ActionProgress[];
}

/** How many lines of a log are kept for each build. */
const tail = 8;

/** The progress of one execution: what its actions do, and for running builds their phase and the end of their log. */
export class ExecutionProgress {
  readonly #context: ReleaseContext;
  readonly #executionId: string;
  readonly #declared: readonly DeclaredAction[];
  readonly #logs = new Map<string, { readonly log: BuildLog; lines: string[] }>();

  private constructor(context: ReleaseContext, executionId: string, declared: readonly DeclaredAction[]) {
    this.#context = context;
    this.#executionId = executionId;
    this.#declared = declared;
  }

  static async open(context: ReleaseContext, executionId: string): Promise<ExecutionProgress> {
    return new ExecutionProgress(context, executionId, await context.pipeline.actions());
  }

  async look(): Promise<ProgressSnapshot> {
    const { pipeline } = this.#context;
    const [execution, details] = await Promise.all([
      pipeline.execution(this.#executionId),
      pipeline.actionExecutions(this.#executionId),
    ]);
    const builds = await this.#runningBuilds(details);
    const actions = await Promise.all(
      this.#declared.map((action) => {
        const detail = details.get(`${action.stage}/${action.name}`);
        return this.#progress(action, detail, builds.get(buildId(detail) ?? ''));
      }),
    );
    return { status: execution.status ?? '', statusSummary: execution.statusSummary ?? '', actions };
  }

  /** Builds at work in this account; those of other accounts are followed by the build here that started them. */
  async #runningBuilds(details: ReadonlyMap<string, ActionExecutionDetail>): Promise<Map<string, Build>> {
    const ids = [...details.values()]
      .filter(({ status }) => status === 'InProgress')
      .map(buildId)
      .filter((id) => id !== undefined);
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
    return {
      stage,
      name,
      runOrder,
      status: waiting ? 'Waiting' : (detail?.status ?? 'NotYet'),
      startedAt: detail?.startTime?.toISOString() ?? '',
      updatedAt: detail?.lastUpdateTime?.toISOString() ?? '',
      message: question ?? result?.errorDetails?.message ?? result?.externalExecutionSummary ?? '',
      phase: build?.currentPhase ?? '',
      log: build ? await this.#logTail(build) : [],
    };
  }

  async #logTail(build: Build): Promise<readonly string[]> {
    const id = build.id ?? '';
    const followed = this.#logs.get(id) ?? { log: new BuildLog(this.#context.clients.logs), lines: [] };
    this.#logs.set(id, followed);
    followed.lines = [...followed.lines, ...(await followed.log.newLines(build))].slice(-tail);
    return followed.lines;
  }
}

function buildId(detail: ActionExecutionDetail | undefined): string | undefined {
  const isBuild = detail?.input?.actionTypeId?.provider === 'CodeBuild';
  return isBuild ? detail?.output?.executionResult?.externalExecutionId : undefined;
}
