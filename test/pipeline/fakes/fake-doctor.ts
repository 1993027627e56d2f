import { AwsFault, type Operations } from '../../../local/pipeline/aws/aws-endpoint.ts';
import { matches } from './log-filter.ts';

/** How a task of the doctor behaves, as seen through ECS and CloudWatch Logs. */
export interface DoctorScript {
  /** Lines of its log, in order. */
  readonly lines: readonly string[];
  readonly exitCode: number;
  /** If the task ends before it starts: the reasons that ECS gives for the task and for its container. */
  readonly neverRan?: readonly [task: string, container: string];
  /** The task runs until it is stopped. */
  readonly isEndless?: boolean;
  /** The number of polls after the end of the task until the end of its log arrives. */
  readonly late?: number;
  /** Recent log events of sidecars and doctors, oldest first. */
  readonly noted?: readonly { readonly event: string; readonly minutesAgo: number }[];
  /** The Docker labels of a job's doctor; default: its network. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Failures to start, in place of a task. */
  readonly failures?: readonly { readonly reason: string; readonly detail?: string }[];
}

const account = 'arn:aws:ecs:eu-central-1:222222222222';
const task = `${account}:task/windows-auth-staging/0123456789abcdef0123456789abcdef`;
const group = '/windows-auth/staging/sidecar';
const network = {
  awsvpcConfiguration: {
    ...{ subnets: ['subnet-1', 'subnet-2'], securityGroups: ['sg-service'], assignPublicIp: 'DISABLED' },
  },
};

/** The Docker labels that the template gives to the doctor of a job. */
const labels = { subnets: 'subnet-1,subnet-2', 'security-groups': 'sg-job,sg-extra' };

/** Staging's account with a service and its doctor. Each poll of the task advances its life cycle. */
export function doctorOperations(script: DoctorScript): Operations {
  const life = ['PROVISIONING', 'PENDING', 'RUNNING', 'RUNNING', script.isEndless ? 'RUNNING' : 'STOPPED'];
  let looks = 0;
  let stopped = false;
  let logLooks = 0;
  const status = () => (stopped ? 'STOPPED' : (life[Math.min(looks, life.length - 1)] as string));
  return {
    'STS.GetCallerIdentity': () => ({
      Account: '222222222222',
      Arn: 'arn:aws:sts::222222222222:assumed-role/x/ada@b',
    }),
    'ECS.DescribeServices': ({ services }) => {
      const [name] = services as string[];
      return /^windows-auth-staging-(web|worker)$/.test(name ?? '')
        ? { services: [{ serviceName: name, status: 'ACTIVE', networkConfiguration: network }], failures: [] }
        : { services: [], failures: [{ arn: name, reason: 'MISSING' }] };
    },
    'ECS.DescribeTaskDefinition': ({ taskDefinition }) => {
      const [, service] = /^windows-auth-staging-(web|worker|job)-doctor$/.exec(String(taskDefinition)) ?? [];
      if (!service) throw new AwsFault('ClientException', 'Unable to describe task definition.');
      const options = {
        'awslogs-group': group,
        'awslogs-region': 'eu-central-1',
        'awslogs-stream-prefix': 'doctor',
      };
      return {
        taskDefinition: {
          taskDefinitionArn: `${account}:task-definition/${taskDefinition}:7`,
          containerDefinitions: [
            {
              ...{ name: 'doctor', logConfiguration: { logDriver: 'awslogs', options } },
              ...(service === 'job' && { dockerLabels: script.labels ?? labels }),
            },
          ],
        },
      };
    },
    'ECS.RunTask': () =>
      script.failures
        ? { tasks: [], failures: script.failures }
        : { tasks: [{ taskArn: task, lastStatus: 'PROVISIONING', createdAt: 1_700_000_000 }], failures: [] },
    'ECS.DescribeTasks': () => {
      const lastStatus = status();
      looks += 1;
      const [taskReason, containerReason] = script.neverRan ?? [];
      const ended =
        lastStatus === 'STOPPED' && !script.neverRan ? { exitCode: stopped ? 137 : script.exitCode } : {};
      return {
        tasks: [
          {
            ...{
              taskArn: task,
              lastStatus,
              stoppedReason: taskReason ?? 'Essential container in task exited',
            },
            containers: [{ name: 'doctor', lastStatus, reason: containerReason, ...ended }],
          },
        ],
        failures: [],
      };
    },
    'ECS.StopTask': () => {
      stopped = true;
      return { task: { taskArn: task, lastStatus: 'STOPPED' } };
    },
    'Logs.GetLogEvents': ({ logGroupName, logStreamName, nextToken }) => {
      logLooks += 1;
      if (logGroupName !== group || logStreamName !== `doctor/doctor/${task.split('/').at(-1)}`) {
        throw new AwsFault('ResourceNotFoundException', 'The specified log stream does not exist.');
      }
      if (script.neverRan || logLooks < 4) {
        throw new AwsFault('ResourceNotFoundException', 'The specified log stream does not exist.');
      }
      const isWhole = logLooks > 6 + (script.late ?? 0);
      const visible = isWhole ? script.lines : script.lines.slice(0, -1);
      const from = Number(String(nextToken ?? 'f/0').slice(2));
      return {
        events: visible.slice(from).map((message, index) => ({ message, timestamp: index })),
        nextForwardToken: `f/${visible.length}`,
      };
    },
    'Logs.FilterLogEvents': ({ nextToken, startTime, filterPattern }) => {
      const noted = (script.noted ?? [])
        .map(({ event, minutesAgo }) => ({
          ...{ timestamp: Date.now() - minutesAgo * 60_000, message: JSON.stringify({ event }) },
        }))
        .filter(
          ({ timestamp, message }) => timestamp >= Number(startTime) && matches(filterPattern, message),
        );
      const from = Number(nextToken ?? 0);
      return {
        events: noted.slice(from, from + 2),
        ...(from + 2 < noted.length && { nextToken: String(from + 2) }),
      };
    },
  };
}
