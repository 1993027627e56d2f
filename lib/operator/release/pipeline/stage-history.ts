import type { PipelineExecutionSummary, StageState } from '@aws-sdk/client-codepipeline';
import type { PipelineReader } from './pipeline-reader.ts';

/** What one stage has deployed. */
export interface StageHistory {
  /**
   * What is deployed and what it replaced, newest first. A rollback removes what came after its target, so the second
   * entry is what a person means by "back to what ran before". Empty if nothing has been deployed.
   */
  readonly standing: readonly PipelineExecutionSummary[];
  /** All executions that have succeeded in the stage, newest first: the possible targets of a rollback. */
  readonly good: readonly PipelineExecutionSummary[];
  /** The stage's latest execution. */
  readonly latest: StageState['latestExecution'];
}

/** The most executions to read. */
const depth = 100;

/**
 * Reads what a stage has deployed. After a rollback, that is the rollback's target; the latest execution shows only
 * what was tried last.
 *
 * @param executions the pipeline's executions, newest first, if already known
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
  // The list of succeeded executions may lack a rollback, whose own actions show in which stage it was.
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

/** @param deployed newest first, including rollbacks */
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
