import { type PipelineExecutionSummary, RollbackStageCommand } from '@aws-sdk/client-codepipeline';
import { ReleaseError } from '../../../aws/errors.ts';
import { stageName } from '../../../config/pipeline-names.ts';
import { findEnvironment, type ReleaseContext } from '../context.ts';
import { short } from '../format.ts';
import { revision, revisionTitle } from '../pipeline/pipeline-reader.ts';

export interface RollbackOptions {
  /** The beginning of the commit or execution to go back to; default: the last good one before the present. */
  readonly to: string | undefined;
  /** Asks the person; resolves to whether to go on. */
  readonly confirm: (question: string) => Promise<boolean>;
}

/** What CodePipeline's refusals mean. */
const refusals: Readonly<Record<string, string>> = {
  PipelineExecutionOutdatedException:
    'the pipeline has been changed since that execution, and CodePipeline goes back no further than that. Revert the commit and push instead: that takes the whole way, with its tests.',
  UnableToRollbackStageException:
    'CodePipeline cannot roll this stage back now. Revert the commit and push instead.',
  ConflictException: 'the stage is at work. Wait until it has ended (release watch) and try again.',
};

/** `release rollback <environment>`: deploys the service of an earlier execution again, and tests it. */
export async function rollback(
  context: ReleaseContext,
  environmentName: string,
  options: RollbackOptions,
): Promise<void> {
  const { deployment, pipeline, clients, print, json } = context;
  const stage = stageName(findEnvironment(deployment, environmentName), 'service');
  const target = await chooseTarget(context, stage, options.to);
  const what = `${short(revision(target))} ${revisionTitle(target)}`.trim();
  if (!(await options.confirm(`Go back to ${what} in ${stage}?`)))
    throw new ReleaseError('Nothing was changed.');
  try {
    const { pipelineExecutionId } = await clients.pipeline.send(
      new RollbackStageCommand({
        pipelineName: pipeline.name,
        stageName: stage,
        targetPipelineExecutionId: target.pipelineExecutionId,
      }),
    );
    const id = pipelineExecutionId ?? '';
    print(
      json
        ? JSON.stringify({
            stage,
            execution: id,
            target: target.pipelineExecutionId,
            commit: revision(target),
          })
        : `Rolling back ${stage} to ${what}: npm run release -- watch ${short(id)}`,
    );
  } catch (error) {
    const refusal = error instanceof Error ? refusals[error.name] : undefined;
    if (refusal) throw new ReleaseError(`${stage} cannot go back to ${what}: ${refusal}`);
    throw error;
  }
}

async function chooseTarget(
  { pipeline }: ReleaseContext,
  stage: string,
  to: string | undefined,
): Promise<PipelineExecutionSummary> {
  // A rollback cannot be gone back to: its target can.
  const good = (await pipeline.executions(100, stage)).filter(
    ({ executionType }) => executionType !== 'ROLLBACK',
  );
  if (to) {
    const found = good.find(
      (execution) => execution.pipelineExecutionId?.startsWith(to) || revision(execution).startsWith(to),
    );
    if (found) return found;
    throw new ReleaseError(`No execution with ${to} has gone through ${stage}; ${list(good)}`);
  }
  const state = (await pipeline.stageStates()).find(
    (candidate) => candidate.stageName === stage,
  )?.latestExecution;
  // After a failure the last good one is meant, after a success the one before it.
  const earlier = good.filter(
    ({ pipelineExecutionId }) => pipelineExecutionId !== state?.pipelineExecutionId,
  );
  const [previous] = earlier;
  if (!previous) throw new ReleaseError(`There is nothing to go back to: ${list(good)}`);
  return previous;
}

function list(executions: readonly PipelineExecutionSummary[]): string {
  const commits = executions.slice(0, 10).map((execution) => short(revision(execution)));
  return commits.length > 0 ? `these have: ${commits.join(', ')}.` : 'none has gone through yet.';
}
