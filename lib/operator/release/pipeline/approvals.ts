import type { ActionState, StageState } from '@aws-sdk/client-codepipeline';
import { plainText } from '../../../aws/plain-text.ts';
import type { PipelineReader } from './pipeline-reader.ts';

/** An approval that waits for a person. */
export interface WaitingApproval {
  readonly stage: string;
  readonly action: string;
  /** What answers it; whoever has it and the right to may answer. */
  readonly token: string;
  readonly executionId: string;
  /** ISO 8601, UTC. */
  readonly since: string;
  /** What would change, and where to read all of it. */
  readonly summary: string;
  readonly link: string;
}

/** The approvals that wait, in the pipeline's order, with what the pipeline says about each. */
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
      // The state does not tell what the variables of the approval's text have become; the execution does.
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

/** Only an approval that waits has a token. */
function isWaiting({ latestExecution }: ActionState): boolean {
  return latestExecution?.status === 'InProgress' && latestExecution.token !== undefined;
}
