import { PutApprovalResultCommand } from '@aws-sdk/client-codepipeline';
import { ReleaseError } from '../../../aws/errors.ts';
import type { ReleaseContext } from '../context.ts';
import { short } from '../format.ts';
import { type WaitingApproval, waitingApprovals } from '../pipeline/approvals.ts';

export interface Answer {
  readonly status: 'Approved' | 'Rejected';
  /** The stage or the environment; may be left out when one approval waits. */
  readonly where: string | undefined;
  /** Kept with the execution. */
  readonly message: string | undefined;
}

/** `release approve` and `release reject` */
export async function answerApproval(
  context: ReleaseContext,
  { status, where, message }: Answer,
): Promise<void> {
  const { pipeline, clients, print, json } = context;
  const approval = choose(await waitingApprovals(pipeline, await pipeline.stageStates()), where);
  if (!json) {
    print(`${approval.stage} (execution ${short(approval.executionId)})`);
    if (approval.summary) print(approval.summary);
    if (approval.link) print(approval.link);
  }
  const { stage, action, token, executionId } = approval;
  try {
    await clients.pipeline.send(
      new PutApprovalResultCommand({
        pipelineName: pipeline.name,
        stageName: stage,
        actionName: action,
        token,
        result: { status, summary: message ?? `${status} with the release tool` },
      }),
    );
  } catch (error) {
    if (
      error instanceof Error &&
      /^(ApprovalAlreadyCompleted|InvalidApprovalToken)Exception$/.test(error.name)
    ) {
      throw new ReleaseError(`Somebody else has answered ${stage} in the meantime. See: release status.`);
    }
    throw error;
  }
  print(json ? JSON.stringify({ stage, action, executionId, status }) : `${status}.`);
}

/** The one that is meant; the names of a stage, or of an environment with one approval waiting. */
function choose(waiting: readonly WaitingApproval[], where: string | undefined): WaitingApproval {
  const names = waiting.map(({ stage }) => stage).join(', ');
  if (waiting.length === 0) throw new ReleaseError('Nothing waits for an approval.');
  const meant = waiting.filter(({ stage }) => !where || matches(stage, where));
  if (meant.length === 0)
    throw new ReleaseError(`"${where}" does not wait for an approval; what waits: ${names}.`);
  if (meant.length > 1) throw new ReleaseError(`Several approvals wait: name one of ${names}.`);
  return meant[0] as WaitingApproval;
}

function matches(stage: string, where: string): boolean {
  return stage === where || stage === `${where}-approval` || stage.startsWith(`${where}-`);
}
