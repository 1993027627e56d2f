import { PutApprovalResultCommand } from '@aws-sdk/client-codepipeline';
import { ReleaseError } from '../../../aws/errors.ts';
import type { ReleaseContext } from '../context.ts';
import { short } from '../format.ts';
import { type WaitingApproval, waitingApprovals } from '../pipeline/approvals.ts';
import { type PipelineReader, revision, revisionTitle } from '../pipeline/pipeline-reader.ts';

export interface Answer {
  readonly status: 'Approved' | 'Rejected';
  /** The stage or the environment; optional if only one approval is waiting. */
  readonly where: string | undefined;
  /** The first characters of the id of the execution that the user has read about; without it, the user is asked. */
  readonly execution: string | undefined;
  /** Stored with the execution. */
  readonly message: string | undefined;
  /** Asks the user; resolves to whether to continue. */
  readonly confirm: (question: string) => Promise<boolean>;
}

/** `release approve` and `release reject`: answers for the execution that was shown, and for no other. */
export async function answerApproval(context: ReleaseContext, answer: Answer): Promise<void> {
  const { pipeline, print, json } = context;
  const { status, where, message } = answer;
  const approval = choose(await waitingApprovals(pipeline, await pipeline.stageStates()), where);
  const { stage, action, executionId, summary, link } = approval;
  if (!json) {
    print(`${stage} (execution ${short(executionId)} of ${await commitOf(pipeline, executionId)})`);
    if (summary) print(summary);
    if (link) print(link);
  }
  await agree(approval, answer);
  await put(context, approval, { status, summary: message ?? `${status} with the release tool` });
  print(json ? JSON.stringify({ stage, action, executionId, status }) : `${status}.`);
}

async function commitOf(pipeline: PipelineReader, id: string): Promise<string> {
  const found = (await pipeline.executions(100)).find(
    ({ pipelineExecutionId }) => pipelineExecutionId === id,
  );
  return found ? `${short(revision(found))} ${revisionTitle(found)}`.trim() : 'an unknown commit';
}

/** Naming the execution counts as having read about it; otherwise, ask. */
async function agree({ stage, executionId }: WaitingApproval, answer: Answer): Promise<void> {
  const { execution, status, confirm } = answer;
  if (execution !== undefined) {
    if (execution.length >= 8 && executionId.startsWith(execution)) return;
    throw new ReleaseError(
      execution.length < 8
        ? `"${execution}" is too short to name an execution: give at least 8 characters of its id.`
        : `In ${stage}, the execution ${short(executionId)} is waiting, not ${execution}. Read what it would change (npm run release -- status) before you answer it.`,
    );
  }
  const verb = status === 'Approved' ? 'Approve' : 'Reject';
  if (!(await confirm(`${verb} execution ${short(executionId)} in ${stage}?`)))
    throw new ReleaseError('Nothing was answered.');
}

async function put(
  { pipeline, clients }: ReleaseContext,
  { stage, action, token, executionId }: WaitingApproval,
  result: { readonly status: 'Approved' | 'Rejected'; readonly summary: string },
): Promise<void> {
  try {
    // The token belongs to the execution that was shown, so it cannot answer another one.
    await clients.pipeline.send(
      new PutApprovalResultCommand({
        pipelineName: pipeline.name,
        stageName: stage,
        actionName: action,
        token,
        result,
      }),
    );
  } catch (error) {
    if (
      error instanceof Error &&
      /^(ApprovalAlreadyCompleted|InvalidApprovalToken)Exception$/.test(error.name)
    ) {
      // If the response got lost, the repeated request finds that our own answer has been recorded.
      if (await isOurs(pipeline, { stage, action, executionId }, result)) return;
      throw new ReleaseError(
        `Nothing was answered: ${stage} no longer waits for execution ${short(executionId)}. Somebody else has answered it in the meantime, or it was stopped. See: npm run release -- status.`,
      );
    }
    throw error;
  }
}

async function isOurs(
  pipeline: PipelineReader,
  { stage, action, executionId }: Pick<WaitingApproval, 'stage' | 'action' | 'executionId'>,
  { status, summary }: { readonly status: string; readonly summary: string },
): Promise<boolean> {
  const state = (await pipeline.stageStates()).find(({ stageName }) => stageName === stage);
  const last = state?.actionStates?.find(({ actionName }) => actionName === action)?.latestExecution;
  return (
    state?.latestExecution?.pipelineExecutionId === executionId &&
    last?.status === (status === 'Approved' ? 'Succeeded' : 'Failed') &&
    last?.summary === summary
  );
}

/** Finds the approval for a stage, or for an environment if only one approval is waiting there. */
function choose(waiting: readonly WaitingApproval[], where: string | undefined): WaitingApproval {
  const names = waiting.map(({ stage }) => stage).join(', ');
  if (waiting.length === 0) throw new ReleaseError('No approval is waiting.');
  const meant = waiting.filter(({ stage }) => !where || matches(stage, where));
  if (meant.length === 0) throw new ReleaseError(`No approval is waiting in "${where}", only in: ${names}.`);
  if (meant.length > 1) throw new ReleaseError(`Several approvals are waiting: name one of ${names}.`);
  return meant[0] as WaitingApproval;
}

function matches(stage: string, where: string): boolean {
  return stage === where || stage === `${where}-approval` || stage.startsWith(`${where}-`);
}
