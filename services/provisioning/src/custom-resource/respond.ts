import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { retry } from '../retry.ts';

export interface Answer {
  readonly status: 'SUCCESS' | 'FAILED';
  readonly physicalId: string;
  readonly reason?: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** Characters of a reason; CloudFormation takes 4096 octets for the whole answer. */
const reasonLimit = 1500;

/** Puts the answer to the address that CloudFormation gave, and tries again for 30 seconds. */
export async function respond(event: CloudFormationCustomResourceEvent, answer: Answer): Promise<void> {
  const body = JSON.stringify({
    Status: answer.status,
    Reason: answer.reason?.slice(0, reasonLimit),
    PhysicalResourceId: answer.physicalId,
    StackId: event.StackId,
    RequestId: event.RequestId,
    LogicalResourceId: event.LogicalResourceId,
    Data: answer.attributes,
  });
  await retry(
    async () => {
      // The address is signed for an empty content type.
      const response = await fetch(event.ResponseURL, {
        method: 'PUT',
        headers: { 'content-type': '' },
        body,
        signal: AbortSignal.timeout(5000),
      });
      if (!response.ok) throw new Error(`CloudFormation's address answered ${response.status}.`);
    },
    { when: () => true, limit: 30_000 },
  );
}
