import {
  type CloudFormationClient,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  type Stack,
  type StackEvent,
} from '@aws-sdk/client-cloudformation';
import { plainText } from '../../../aws/plain-text.ts';

/** The state of a stack, and whether a person has to act. */
export interface StackFinding {
  readonly name: string;
  /** The stack's ARN, which differs from that of any other stack with this name. */
  readonly id: string;
  readonly status: string;
  readonly verdict:
    | 'well'
    | 'at work'
    /** Its first creation failed and it was never complete, so nothing depends on it. */
    | 'never complete'
    /** CloudFormation could not roll back an update; the stack was in service. */
    | 'rollback stuck'
    /** It failed, for example in a deletion, and was in service or its first events have expired. */
    | 'to be looked at';
  /** What failed, the first cause first. */
  readonly failures: readonly string[];
}

/** States of stacks whose creation failed or was never started. */
const failedCreation = /^(CREATE_FAILED|ROLLBACK_COMPLETE|ROLLBACK_FAILED|REVIEW_IN_PROGRESS)$/;
/** States that only stacks in service can have. */
const wasInService = /^(CREATE_COMPLETE|UPDATE_|IMPORT_COMPLETE|IMPORT_ROLLBACK_)/;

/** Our stacks in a region, newest first, because later stacks depend on earlier ones. */
export async function findStacks(
  client: CloudFormationClient,
  isOurs: (name: string) => boolean,
): Promise<StackFinding[]> {
  const stacks: Stack[] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.send(new DescribeStacksCommand({ NextToken }));
    stacks.push(...(page.Stacks ?? []));
    NextToken = page.NextToken;
  } while (NextToken);
  const ours = stacks
    .filter(({ StackName = '' }) => isOurs(StackName))
    .sort((a, b) => (b.CreationTime?.getTime() ?? 0) - (a.CreationTime?.getTime() ?? 0));
  return Promise.all(ours.map((stack) => judge(client, stack)));
}

/** Looks at one stack again; returns undefined if it is gone. */
export async function findStack(client: CloudFormationClient, id: string): Promise<StackFinding | undefined> {
  const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: id }));
  const [stack] = Stacks;
  return stack && stack.StackStatus !== 'DELETE_COMPLETE' ? judge(client, stack) : undefined;
}

async function judge(client: CloudFormationClient, stack: Stack): Promise<StackFinding> {
  const { StackName: name = '', StackId: id = '', StackStatus: status = '' } = stack;
  const found = (verdict: StackFinding['verdict'], events: readonly StackEvent[] = []) => ({
    name,
    id,
    status,
    verdict,
    failures: failuresOf(events),
  });
  if (status.endsWith('_IN_PROGRESS') && status !== 'REVIEW_IN_PROGRESS') return found('at work');
  if (status === 'UPDATE_ROLLBACK_FAILED') return found('rollback stuck', await stackEvents(client, id));
  if (!failedCreation.test(status) && !status.endsWith('_FAILED')) return found('well');
  const events = await stackEvents(client, id);
  return found(neverComplete(events, id) ? 'never complete' : 'to be looked at', events);
}

/**
 * Whether a stack's events, from its creation on, show that it was never complete. CloudFormation keeps events for 90
 * days; if the first ones are gone, the answer is false.
 */
function neverComplete(events: readonly StackEvent[], id: string): boolean {
  const own = events.filter((event) => event.PhysicalResourceId === id).map(stateOf);
  const begun = own.some((state) => state === 'CREATE_IN_PROGRESS' || state === 'REVIEW_IN_PROGRESS');
  return begun && !own.some((state) => wasInService.test(state));
}

/** Events of the stack itself have stack states, which the SDK's type does not include. */
const stateOf = ({ ResourceStatus }: StackEvent): string => ResourceStatus ?? '';

/** All events of a stack, newest first. */
export async function stackEvents(client: CloudFormationClient, id: string): Promise<StackEvent[]> {
  const events: StackEvent[] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.send(new DescribeStackEventsCommand({ StackName: id, NextToken }));
    events.push(...(page.StackEvents ?? []));
    NextToken = page.NextToken;
  } while (NextToken);
  return events;
}

/** Resources that failed, oldest first, without those that were only cancelled because of another failure. */
export function failuresOf(events: readonly StackEvent[]): string[] {
  const failed = events
    .toReversed()
    .filter((event) => stateOf(event).endsWith('_FAILED') && event.PhysicalResourceId !== event.StackId)
    .filter(({ ResourceStatusReason = '' }) => !/cancell?ed/i.test(ResourceStatusReason));
  const lines = failed.map((event) =>
    plainText(
      `${event.LogicalResourceId} (${event.ResourceType}): ${stateOf(event)}: ${event.ResourceStatusReason ?? ''}`,
    ),
  );
  return [...new Set(lines)];
}
