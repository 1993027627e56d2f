import type { ActionState, StageState } from '@aws-sdk/client-codepipeline';
import { plainText } from '../../../aws/plain-text.ts';
import type { PipelineReader } from './pipeline-reader.ts';

/** An approval that is waiting for a person. */
export interface WaitingApproval {
  readonly stage: string;
  readonly action: string;
  /** Needed to answer; it answers this approval only. */
  readonly token: string;
  readonly executionId: string;
  /** ISO 8601, UTC. */
  readonly since: string;
  /** What would change. */
  readonly summary: string;
  readonly link: string;
}

/** The waiting approvals in the pipeline's order, with the pipeline's text for each. */
export async function waitingApprovals(
  pipeline: PipelineReader,
  stages: readonly StageState[],
): Promise<WaitingApproval[]> {
  const waiting = stages.flatMap(({ stageName: stage = '', actionStates = [], latestExecution }) =>
    actionStates
      .filter(isWaiting)
      .map((state) => ({ stage, state, executionId: latestExecution?.pipelineExecutionId ?? '' })),
  );
  return Promise.all(
    waiting.map(async ({ stage, state, executionId }) => {
      const action = state.actionName ?? '';
      // The stage's state has no resolved variables for the approval's text; the action execution does.
      const details = (await pipeline.actionExecutions(executionId)).get(`${stage}/${action}`);
      const { CustomData = '', ExternalEntityLink = '' } = details?.input?.resolvedConfiguration ?? {};
      return {
        stage: plainText(stage),
        action: plainText(action),
        executionId,
        token: state.latestExecution?.token ?? '',
        since: state.latestExecution?.lastStatusChange?.toISOString() ?? '',
        summary: plainText(CustomData),
        link: plainText(ExternalEntityLink),
      };
    }),
  );
}

/** Only a waiting approval has a token. */
function isWaiting({ latestExecution }: ActionState): boolean {
  return latestExecution?.status === 'InProgress' && latestExecution.token !== undefined;
}
