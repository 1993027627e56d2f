import { randomUUID } from 'node:crypto';
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import {
  DescribeTasksCommand,
  type ECSClient,
  RunTaskCommand,
  StopTaskCommand,
  type Task,
} from '@aws-sdk/client-ecs';
import { type DoctorLine, doctorCommand, doctorLineSchema, doctorRefusalsOption } from '@packages/contracts';
import { BuildLog } from '../../../aws/build-log.ts';
import { explainAwsError, ReleaseError, sentence } from '../../../aws/errors.ts';
import { poll } from '../../../aws/poll.ts';
import type { DeployedDoctor } from './deployed-doctor.ts';

/** Milliseconds allowed for stopping a task, since the caller is waiting. */
const stopLimit = 8000;
/** Seconds until CloudWatch must show what a task logged last. */
const lateLog = 30;

export interface DoctorRunOptions {
  /** The number of recent refusals of the password. */
  readonly refusals: number;
  /** Who starts the task, for the account's log. */
  readonly startedBy: string;
  /** Receives each line of the doctor as it arrives. */
  readonly take: (line: DoctorLine) => void;
  /** Receives progress for people. */
  readonly report: (line: string) => void;
  /** Called at each poll, to show that the task is still running. */
  readonly waiting: (task: string) => void;
  readonly signal: AbortSignal;
  readonly intervalSeconds: number;
  /** Counted from the task's start, including the image pull. */
  readonly limitSeconds: number;
}

export interface DoctorEnd {
  readonly task: string;
  readonly exitCode: number;
}

/**
 * Starts a doctor task in the service's own network, follows it to its end, and passes on its lines. If following it
 * fails or is aborted, the task is stopped.
 *
 * @throws ReleaseError if the task does not start or the doctor does not run; Error if it does not end in time; errors
 *   of AWS are passed on
 */
export async function runDoctor(
  { ecs, logs }: { readonly ecs: ECSClient; readonly logs: CloudWatchLogsClient },
  doctor: DeployedDoctor,
  options: DoctorRunOptions,
): Promise<DoctorEnd> {
  const { take, report, waiting, signal, intervalSeconds, limitSeconds } = options;
  const { cluster } = doctor;
  const task = await started(ecs, doctor, options);
  const id = task.split('/').at(-1) ?? task;
  report(`Started the task ${id} in the service's own subnets.`);
  const log = new BuildLog(logs);
  const stream = {
    logs: { groupName: doctor.log.group, streamName: `${doctor.log.streamPrefix}/${doctor.container}/${id}` },
  };
  let isTold = false;
  const listen = async () => {
    for (const text of await log.newLines(stream)) {
      const line = readDoctorLine(text);
      if (!line) continue;
      if (line.doctor === 'end') isTold = true;
      take(line);
    }
  };
  try {
    let status: string | undefined;
    const stopped = await poll(
      { intervalSeconds, limitSeconds, what: `The end of the task ${id}`, signal },
      async () => {
        const current = await taskOf(ecs, cluster, task);
        if (current.lastStatus !== status) report(`— ${current.lastStatus}`);
        status = current.lastStatus;
        await listen();
        waiting(id);
        return current.lastStatus === 'STOPPED' ? current : undefined;
      },
    );
    const { exitCode, reason } = stopped.containers?.find(({ name }) => name === doctor.container) ?? {};
    if (exitCode === undefined) throw neverRan(id, stopped.stoppedReason ?? '', reason ?? '');
    await poll({ intervalSeconds, limitSeconds: lateLog, what: 'The end of its log', signal }, async () => {
      if (!isTold) await listen();
      return isTold || undefined;
    }).catch((error: unknown) => {
      signal.throwIfAborted();
      report(
        `The task has ended with the code ${exitCode}, but the end of its log is missing (${(error as Error).message})`,
      );
    });
    return { task: id, exitCode };
  } catch (error) {
    await ecs
      .send(new StopTaskCommand({ cluster, task, reason: 'The doctor is no longer followed.' }), {
        abortSignal: AbortSignal.timeout(stopLimit),
      })
      .catch((cause: unknown) =>
        report(`The task ${id} could not be stopped and continues to its own end. ${explainAwsError(cause)}`),
      );
    throw error;
  }
}

async function started(
  ecs: ECSClient,
  { cluster, taskDefinition, network, container }: DeployedDoctor,
  { refusals, startedBy }: DoctorRunOptions,
): Promise<string> {
  const command = [...doctorCommand, doctorRefusalsOption, String(refusals)];
  const { tasks = [], failures = [] } = await ecs.send(
    new RunTaskCommand({
      ...{ cluster, taskDefinition, count: 1, launchType: 'FARGATE', networkConfiguration: network },
      // If the answer gets lost, the request is repeated; the token prevents a second task.
      ...{
        clientToken: randomUUID(),
        startedBy,
        enableECSManagedTags: true,
        propagateTags: 'TASK_DEFINITION',
      },
      // Override only the command, never environment variables: see docs/security.md.
      ...(refusals > 0 && { overrides: { containerOverrides: [{ name: container, command }] } }),
    }),
  );
  const [task] = tasks;
  if (task?.taskArn) return task.taskArn;
  const why = failures.map(({ reason, detail }) => [reason, detail].filter(Boolean).join(': ')).join('; ');
  const capacity = /capacity/i.test(why)
    ? ' Fargate has no room at the moment: try again in a few minutes.'
    : '';
  throw new ReleaseError(`ECS did not start the doctor: ${sentence(why || 'it gives no reason')}${capacity}`);
}

async function taskOf(ecs: ECSClient, cluster: string, task: string): Promise<Task> {
  const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: [task] }));
  // ECS may not know the task for a moment after its start.
  return tasks[0] ?? { lastStatus: 'PROVISIONING' };
}

/** Causes of tasks that did not start, by ECS's message (see "Stopped tasks error messages" in its documentation). */
const causes: readonly (readonly [RegExp, string])[] = [
  [
    /pull(ing)? secrets|retrieve secret|ssm|secretsmanager/i,
    'ECS could not get the secret: check the rights of the execution role, the key of the secret, and the network path to Secrets Manager. The tasks of the service need the same.',
  ],
  [
    /CannotPullContainer|pull image|manifest|ECR|registry/i,
    'ECS could not pull the image: is it still in the registry, and are the registry and S3 reachable? The tasks of the service need the same.',
  ],
  [
    /CreateLogGroup|CreateLogStream|awslogs|log driver/i,
    'ECS could not write the log: check the network path to CloudWatch Logs.',
  ],
  [/OutOfMemory|OOM/i, 'It was out of memory: report this.'],
];

function neverRan(id: string, ...said: readonly string[]): ReleaseError {
  const words = [...new Set(said.filter(Boolean))].join(' ');
  const cause = causes.find(([form]) => form.test(words))?.[1] ?? '';
  return new ReleaseError(
    `The task ${id} has ended before the doctor began. ${sentence(words || 'ECS gives no reason')} ${cause}`.trim(),
  );
}

/** Parses a line of the doctor; returns undefined for other lines in its log. */
export function readDoctorLine(text: string): DoctorLine | undefined {
  try {
    return doctorLineSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
