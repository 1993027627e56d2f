import {
  type CloudFormationClient,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  type Stack,
  type StackEvent,
} from '@aws-sdk/client-cloudformation';
import { plainText } from '../../../aws/plain-text.ts';

/** What became of one stack, as far as a person may have to do something. */
export interface StackFinding {
  readonly name: string;
  /** The stack's own ARN: another stack of this name has another one. */
  readonly id: string;
  readonly status: string;
  readonly verdict:
    | 'well'
    | 'at work'
    /** Its first creation failed, and it never was complete: nothing stands on it. */
    | 'never complete'
    /** CloudFormation could not take an update back; it was in service. */
    | 'rollback stuck'
    /** A deletion was begun and did not come to its end, or its beginning is not known any more. */
    | 'to be looked at';
  /** What failed, the first cause first. */
  readonly failures: readonly string[];
}

/** States that only a stack can be in whose creation failed, or was never begun. */
const failedCreation = /^(CREATE_FAILED|ROLLBACK_COMPLETE|ROLLBACK_FAILED|REVIEW_IN_PROGRESS)$/;
/** States of a stack that has been in service. */
const wasInService = /^(CREATE_COMPLETE|UPDATE_|IMPORT_COMPLETE|IMPORT_ROLLBACK_)/;

/** The stacks of a region that are ours, the youngest first: what came later stands on what came before. */
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

/** Looks at one stack again; undefined when it is gone. */
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
 * Whether a stack's events, from its very beginning, show that it never was complete. CloudFormation keeps events for
 * 90 days: where the beginning is missing, nobody knows.
 */
function neverComplete(events: readonly StackEvent[], id: string): boolean {
  const own = events.filter((event) => event.PhysicalResourceId === id).map(stateOf);
  const begun = own.some((state) => state === 'CREATE_IN_PROGRESS' || state === 'REVIEW_IN_PROGRESS');
  return begun && !own.some((state) => wasInService.test(state));
}

/** Events of the stack itself have a state of stacks, which the SDK's type does not list. */
const stateOf = ({ ResourceStatus }: StackEvent): string => ResourceStatus ?? '';

/** All events of a stack, the newest first. */
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

/** Resources that failed, in the order of time, without those that were only taken along. */
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
