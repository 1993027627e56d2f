import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  type ECSClient,
  paginateListTasks,
  type Service,
  type Task,
} from '@aws-sdk/client-ecs';
import { ReleaseError } from '../../../aws/errors.ts';
import type { TestVerdict } from '../../../aws/integration-test/run-integration-test.ts';
import { failedWork, recentMinutes } from './failed-work.ts';
import { stackResource } from './stack-resources.ts';
import { type Check, verdict } from './verdict.ts';

export interface WorkerClients {
  readonly ecs: ECSClient;
  readonly stacks: CloudFormationClient;
  readonly logs: CloudWatchLogsClient;
}

export interface TestedWorker {
  readonly name: string;
  /** The name of its ECS service, and the family of its task definitions. */
  readonly serviceName: string;
  readonly cluster: string;
  readonly stack: string;
  /** Whether we build its image; only then do its tasks have a health command and log failed work as we know it. */
  readonly isOurs: boolean;
}

/**
 * Tests whether a worker runs: its stack's deployment is complete, the desired number of tasks runs, and all are
 * healthy. Its log, which ECS does not consider, must not report failed work. Makes one check and changes nothing.
 *
 * @throws ReleaseError if the worker is not deployed
 */
export async function testWorker(clients: WorkerClients, worker: TestedWorker): Promise<TestVerdict> {
  const { serviceName, cluster, stack, isOurs } = worker;
  const deployed = await stackResource(clients.stacks, stack, {
    type: 'AWS::ECS::TaskDefinition',
    isMeant: (arn) => arn.includes(`task-definition/${serviceName}:`),
  });
  const service = await find(clients.ecs, cluster, serviceName);
  const tasks = await runningTasks(clients.ecs, cluster, serviceName);
  return verdict([
    {
      name: 'The task definition of its stack is the one that is in service',
      problem:
        service.taskDefinition === deployed.id
          ? undefined
          : `${last(service.taskDefinition)} is, and the stack has ${last(deployed.id)}: the service was changed by hand. Deploy it again.`,
    },
    { name: 'Its deployment is complete', problem: incomplete(service) },
    { name: 'As many tasks run as are wanted', problem: tooFew(service) },
    { name: 'Each of its tasks is healthy', problem: unwell(tasks, isOurs) },
    ...(isOurs ? [await itsWork(clients, worker, tasks)] : []),
  ]);
}

async function find(ecs: ECSClient, cluster: string, name: string): Promise<Service> {
  const { services = [] } = await ecs.send(new DescribeServicesCommand({ cluster, services: [name] }));
  const found = services.find(({ status }) => status === 'ACTIVE');
  if (found) return found;
  throw new ReleaseError(`ECS has no service ${name} in ${cluster}: deploy it first.`);
}

async function runningTasks(client: ECSClient, cluster: string, serviceName: string): Promise<Task[]> {
  const found: Task[] = [];
  for await (const { taskArns = [] } of paginateListTasks(
    { client },
    { cluster, serviceName, desiredStatus: 'RUNNING' },
  )) {
    // ECS rejects an empty list of tasks.
    if (taskArns.length === 0) continue;
    const { tasks = [] } = await client.send(new DescribeTasksCommand({ cluster, tasks: taskArns }));
    found.push(...tasks);
  }
  return found;
}

function incomplete({ deployments = [] }: Service): string | undefined {
  const primary = deployments.find(({ status }) => status === 'PRIMARY');
  const { rolloutState = 'unknown', rolloutStateReason = '' } = primary ?? {};
  if (rolloutState === 'COMPLETED' && deployments.length === 1) return undefined;
  const why = rolloutStateReason && `: ${rolloutStateReason}`;
  return rolloutState === 'FAILED'
    ? `It is FAILED${why}`
    : `It is ${rolloutState}${why} Ask again when it has ended; its events say what it waits for.`;
}

function tooFew({ runningCount = 0, desiredCount = 0 }: Service): string | undefined {
  if (desiredCount === 0) return 'None is wanted: the number of its tasks was set to 0.';
  return runningCount === desiredCount ? undefined : `${runningCount} of ${desiredCount} run.`;
}

function unwell(tasks: readonly Task[], isOurs: boolean): string | undefined {
  if (tasks.length === 0) return 'There is none.';
  // Images that others built have no health command, so their health is unknown.
  const isWell = ({ healthStatus = 'UNKNOWN' }: Task) =>
    healthStatus === 'HEALTHY' || (healthStatus === 'UNKNOWN' && !isOurs);
  const others = tasks.filter((task) => !isWell(task));
  if (others.length === 0) return undefined;
  return others
    .map(({ taskArn, healthStatus }) => `${last(taskArn)}: ${healthStatus ?? 'UNKNOWN'}`)
    .join('\n');
}

async function itsWork(
  { ecs, logs }: WorkerClients,
  { name, cluster: _, ...worker }: TestedWorker,
  tasks: readonly Task[],
): Promise<Check> {
  const [{ taskDefinitionArn = worker.serviceName } = {}] = tasks;
  return {
    name: `Its log of the last ${recentMinutes} minutes reports no failed work`,
    problem: await failedWork(
      { ecs, logs },
      {
        container: name,
        taskDefinition: taskDefinitionArn,
        tasks: tasks.map(({ taskArn }) => last(taskArn)),
      },
    ),
  };
}

/** The last part of an ARN. */
function last(arn = ''): string {
  return arn.split('/').at(-1) ?? '';
}
