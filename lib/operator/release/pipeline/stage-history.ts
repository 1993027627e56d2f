import type { PipelineExecutionSummary, StageState } from '@aws-sdk/client-codepipeline';
import type { PipelineReader } from './pipeline-reader.ts';

/** What one stage has deployed. */
export interface StageHistory {
  /**
   * What is deployed and what it stands on, the newest first: a rollback takes away what came after its target, so
   * the second entry is what a person means by "back to what ran before". Empty when nothing has gone through.
   */
  readonly standing: readonly PipelineExecutionSummary[];
  /** Everything that has gone through, the newest first: what can be gone back to. */
  readonly good: readonly PipelineExecutionSummary[];
  /** What the stage did last. */
  readonly latest: StageState['latestExecution'];
}

/** How far back is looked. */
const depth = 100;

/**
 * Reads what a stage has deployed. What is deployed is what the last rollback went back to, where there was one; the
 * latest execution only says what was tried last.
 *
 * @param executions the pipeline's executions, the newest first, where they are known already
 */
export async function stageHistory(
  pipeline: PipelineReader,
  stage: string,
  states: readonly StageState[],
  executions?: readonly PipelineExecutionSummary[],
): Promise<StageHistory> {
  const [all, succeeded] = await Promise.all([
    executions ?? pipeline.executions(depth),
    pipeline.executions(depth, stage),
  ]);
  const latest = states.find(({ stageName }) => stageName === stage)?.latestExecution;
  const wentThrough = new Set(succeeded.map(({ pipelineExecutionId }) => pipelineExecutionId));
  if (latest?.status === 'Succeeded') wentThrough.add(latest.pipelineExecutionId);
  // A rollback may be missing in the list of what went through; it says itself where it was.
  const deployed: PipelineExecutionSummary[] = [];
  for (const execution of merged(all, succeeded)) {
    const { pipelineExecutionId, executionType, status } = execution;
    if (wentThrough.has(pipelineExecutionId)) deployed.push(execution);
    else if (
      executionType === 'ROLLBACK' &&
      status === 'Succeeded' &&
      (await wasIn(pipeline, execution, stage))
    )
      deployed.push(execution);
  }
  return {
    standing: standing(deployed),
    good: deployed.filter(({ executionType }) => executionType !== 'ROLLBACK'),
    latest,
  };
}

function merged(
  all: readonly PipelineExecutionSummary[],
  succeeded: readonly PipelineExecutionSummary[],
): PipelineExecutionSummary[] {
  const byId = new Map([...all, ...succeeded].map((execution) => [execution.pipelineExecutionId, execution]));
  return [...byId.values()].sort((a, b) => (b.startTime?.getTime() ?? 0) - (a.startTime?.getTime() ?? 0));
}

async function wasIn(
  pipeline: PipelineReader,
  { pipelineExecutionId = '' }: PipelineExecutionSummary,
  stage: string,
): Promise<boolean> {
  const actions = await pipeline.actionExecutions(pipelineExecutionId);
  return [...actions.values()].some(({ stageName }) => stageName === stage);
}

/** @param deployed the newest first, rollbacks too */
function standing(deployed: readonly PipelineExecutionSummary[]): PipelineExecutionSummary[] {
  const stack: PipelineExecutionSummary[] = [];
  for (const execution of deployed.toReversed()) {
    const targetId = execution.rollbackMetadata?.rollbackTargetPipelineExecutionId;
    if (execution.executionType !== 'ROLLBACK') {
      stack.push(execution);
      continue;
    }
    const at = stack.findIndex(({ pipelineExecutionId }) => pipelineExecutionId === targetId);
    const target =
      stack[at] ?? deployed.find(({ pipelineExecutionId }) => pipelineExecutionId === targetId) ?? execution;
    stack.splice(at === -1 ? stack.length : at, Number.POSITIVE_INFINITY, target);
  }
  return stack.toReversed();
}
