import { randomUUID } from 'node:crypto';
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  type ExecutionListItem,
  ListExecutionsCommand,
  type SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { sentence } from '../../../aws/errors.ts';
import type { TestVerdict } from '../../../aws/integration-test/run-integration-test.ts';
import { poll } from '../../../aws/poll.ts';
import { stackResource } from './stack-resources.ts';
import { verdict } from './verdict.ts';

export interface JobClients {
  readonly machines: SFNClient;
  readonly stacks: CloudFormationClient;
}

export interface JobTestOptions {
  readonly stack: string;
  /** Starts a run, with all its effects, and follows it; otherwise, checks the last run. */
  readonly run: boolean;
  /** How long a run may take, including retries. */
  readonly limitSeconds: number;
  readonly intervalSeconds: number;
  readonly report: (line: string) => void;
  /** Called at each poll, to show that the run has not ended. */
  readonly waiting: () => void;
  readonly signal: AbortSignal;
}

/**
 * Tests whether the deployed job has run successfully. Starts a run only on request, because a run has effects.
 *
 * @throws ReleaseError if the job is not deployed; Error if a run does not end in time
 */
export async function testJob(
  { machines, stacks }: JobClients,
  options: JobTestOptions,
): Promise<TestVerdict> {
  const { id: stateMachineArn, updatedAt } = await stackResource(stacks, options.stack, {
    type: 'AWS::StepFunctions::StateMachine',
  });
  if (options.run) {
    const ended = await runNow(machines, stateMachineArn, options);
    return verdict([{ name: 'Its run succeeds', problem: unlessSucceeded(ended) }]);
  }
  const { executions = [] } = await machines.send(
    new ListExecutionsCommand({ stateMachineArn, maxResults: 20 }),
  );
  // The newest come first; skip those that are still running.
  const last = executions.find(({ status }) => status !== 'RUNNING');
  return verdict([
    { name: 'Its last run has succeeded', problem: await ofLast(machines, last) },
    { name: 'It has run since it was deployed', problem: ofDeployed(last, executions, updatedAt) },
  ]);
}

const orNow = 'Wait for its next run, or run it now, with all its effects: --run.';

async function ofLast(machines: SFNClient, last: ExecutionListItem | undefined): Promise<string | undefined> {
  if (!last) return `No run has ended yet. ${orNow}`;
  if (last.status === 'SUCCEEDED') return undefined;
  return unlessSucceeded(
    await machines.send(new DescribeExecutionCommand({ executionArn: last.executionArn })),
  );
}

function ofDeployed(
  last: ExecutionListItem | undefined,
  executions: readonly ExecutionListItem[],
  deployedAt: Date,
): string | undefined {
  if (last?.startDate && last.startDate >= deployedAt) return undefined;
  const began = last?.startDate ? `its last run began at ${last.startDate.toISOString()}` : 'it has not run';
  const underWay = executions.some(({ status }) => status === 'RUNNING') ? ' A run is in progress.' : '';
  return `It was deployed at ${deployedAt.toISOString()}, and ${began}.${underWay} ${orNow}`;
}

async function runNow(
  machines: SFNClient,
  stateMachineArn: string,
  { limitSeconds, intervalSeconds, report, waiting, signal }: JobTestOptions,
): Promise<DescribeExecutionOutput> {
  // If the answer gets lost, the request is repeated; the name prevents a second run.
  const { executionArn = '' } = await machines.send(
    new StartExecutionCommand({ stateMachineArn, name: `release-test-${randomUUID()}`, input: '{}' }),
  );
  report(`Started the run ${executionArn.split(':').at(-1)}; it continues even if it is no longer followed.`);
  return poll({ intervalSeconds, limitSeconds, what: 'The end of the run', signal }, async () => {
    const current = await machines.send(new DescribeExecutionCommand({ executionArn }));
    waiting();
    return current.status === 'RUNNING' || current.status === 'PENDING_REDRIVE' ? undefined : current;
  });
}

function unlessSucceeded({ status, startDate, error, cause }: DescribeExecutionOutput): string | undefined {
  if (status === 'SUCCEEDED') return undefined;
  const began = startDate ? `The run that began at ${startDate.toISOString()}` : 'The run';
  return [
    `${began} has ended as ${status}${error ? `: ${error}.` : '.'}`,
    ...(cause ? [inWords(cause)] : []),
    'The log of its container, and that of its sidecar, say more.',
  ].join('\n');
}

/** Formats the cause of a failed ECS task, which Step Functions returns as the task in JSON. */
function inWords(cause: string): string {
  try {
    const { StoppedReason, Containers = [] } = JSON.parse(cause) as {
      StoppedReason?: string;
      Containers?: readonly { Name?: string; ExitCode?: number; Reason?: string }[];
    };
    return [
      ...(StoppedReason ? [sentence(StoppedReason)] : []),
      ...Containers.filter(({ ExitCode, Reason }) => ExitCode !== 0 || Reason).map(
        ({ Name, ExitCode, Reason }) =>
          `${Name}: ${[ExitCode === undefined ? 'no exit code' : `exit code ${ExitCode}`, Reason].filter(Boolean).join(', ')}`,
      ),
    ].join('\n');
  } catch {
    return cause;
  }
}
