import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { retry } from '../retry.ts';

export interface Answer {
  readonly status: 'SUCCESS' | 'FAILED';
  readonly physicalId: string;
  readonly reason?: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** The largest response that CloudFormation accepts, in octets. */
const answerLimit = 4096;
/** Milliseconds for one attempt to deliver it. */
const answerTime = 5000;

/** Sends the response to the address that CloudFormation gave, and retries for 18 seconds after any failure. */
export async function respond(event: CloudFormationCustomResourceEvent, answer: Answer): Promise<void> {
  const body = fitting(event, answer);
  await retry(
    async () => {
      // The address is signed for an empty content type.
      const response = await fetch(event.ResponseURL, {
        method: 'PUT',
        headers: { 'content-type': '' },
        body,
        signal: AbortSignal.timeout(answerTime),
      });
      if (!response.ok) throw new Error(`CloudFormation's address answered ${response.status}.`);
    },
    { when: () => true, limit: 18_000 },
  );
}

/** The response, with as much of the reason as fits. */
function fitting(event: CloudFormationCustomResourceEvent, answer: Answer): string {
  let reason = answer.reason;
  for (;;) {
    const body = JSON.stringify({
      Status: answer.status,
      Reason: reason,
      PhysicalResourceId: answer.physicalId,
      StackId: event.StackId,
      RequestId: event.RequestId,
      LogicalResourceId: event.LogicalResourceId,
      Data: answer.attributes,
    });
    if (reason === undefined || reason === '' || Buffer.byteLength(body) <= answerLimit) return body;
    reason = reason.slice(0, Math.floor(reason.length * 0.8));
  }
}
