import { AwsFault, type Operations } from '../../../local/pipeline/aws/aws-endpoint.ts';
import { matches } from './log-filter.ts';

const arn = (service: string, resource: string) => `arn:aws:${service}:eu-central-1:222222222222:${resource}`;
const prefix = 'windows-auth-staging';

/** A worker in ECS; the defaults are healthy. */
export interface FakeWorker {
  readonly running?: number;
  readonly wanted?: number;
  /** Revision of the task definition that runs; its stack has 7. */
  readonly revision?: number;
  readonly deployments?: readonly { readonly rolloutState: string; readonly rolloutStateReason?: string }[];
  readonly health?: readonly string[];
  /** Log lines about failed work, with the number of their task. */
  readonly log?: readonly { readonly task: number | 'gone'; readonly line: object }[];
}

/** A run of a job. */
export interface FakeRun {
  readonly status: string;
  readonly minutesAgo: number;
  readonly error?: string;
  readonly cause?: string;
}

export const taskId = (index: number) => `${index}`.padStart(32, 'a');

const identity: Operations = {
  'STS.GetCallerIdentity': () => ({
    Account: '222222222222',
    Arn: 'arn:aws:sts::222222222222:assumed-role/x/ada',
  }),
};

function stack(name: string, resources: readonly (readonly [type: string, id: string])[], minutesAgo = 60) {
  return {
    'CloudFormation.ListStackResources': ({ StackName }: Record<string, unknown>) => {
      if (StackName !== `${prefix}-service-${name}`) {
        throw new AwsFault('ValidationError', `Stack with id ${StackName} does not exist`);
      }
      return {
        StackResourceSummaries: resources.map(([ResourceType, PhysicalResourceId], index) => ({
          ...{ LogicalResourceId: `R${index}`, ResourceType, PhysicalResourceId },
          ...{ ResourceStatus: 'CREATE_COMPLETE', LastUpdatedTimestamp: ago(minutesAgo).toISOString() },
        })),
      };
    },
  } satisfies Operations;
}

const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000);

/** Staging's account with the service `worker`; lists come in small pages. */
export function workerOperations({ wanted = 2, running = wanted, ...said }: FakeWorker = {}): Operations {
  const { revision = 7, health = Array(running).fill('HEALTHY'), log = [] } = said;
  const deployments = said.deployments ?? [{ rolloutState: 'COMPLETED' }];
  const family = (name: string) => arn('ecs', `task-definition/${prefix}-${name}`);
  const taskArn = (index: number) => arn('ecs', `task/${prefix}/${taskId(index)}`);
  return {
    ...identity,
    ...stack('worker', [
      ['AWS::ECS::TaskDefinition', `${family('worker-doctor')}:9`],
      ['AWS::ECS::TaskDefinition', `${family('worker')}:7`],
    ]),
    'ECS.DescribeServices': ({ services }) => ({
      services: [
        {
          ...{
            serviceName: (services as string[])[0],
            status: 'ACTIVE',
            taskDefinition: `${family('worker')}:${revision}`,
          },
          ...{ runningCount: running, desiredCount: wanted },
          deployments: deployments.map((each, index) => ({ status: index ? 'ACTIVE' : 'PRIMARY', ...each })),
        },
      ],
    }),
    'ECS.ListTasks': ({ nextToken }) => {
      const index = Number(nextToken ?? 0);
      const more = index + 1 < health.length && { nextToken: String(index + 1) };
      return { taskArns: index < health.length ? [taskArn(index)] : [], ...more };
    },
    'ECS.DescribeTasks': ({ tasks }) => ({
      tasks: (tasks as string[]).map((each) => {
        const index = health.findIndex((_, candidate) => taskArn(candidate) === each);
        return { taskArn: each, taskDefinitionArn: `${family('worker')}:7`, healthStatus: health[index] };
      }),
    }),
    'ECS.DescribeTaskDefinition': () => ({
      taskDefinition: {
        containerDefinitions: [
          {
            name: 'sidecar',
            logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': 'other' } },
          },
          {
            name: 'worker',
            logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': 'worker' } },
          },
        ],
      },
    }),
    'Logs.FilterLogEvents': ({ logGroupName, filterPattern, nextToken }) => {
      const index = Number(nextToken ?? 0);
      const written = logGroupName === 'worker' ? log : [];
      const lines = written.filter(({ line }) => matches(filterPattern, JSON.stringify(line)));
      const events = lines.slice(index, index + 1).map(({ task, line }) => ({
        message: JSON.stringify(line),
        logStreamName: `worker/worker/${task === 'gone' ? 'gone' : taskId(task)}`,
      }));
      return { events, ...(index + 1 < lines.length && { nextToken: String(index + 1) }) };
    },
  };
}

/** Staging's account with the service `job`, deployed an hour ago. A started run ends at the third poll. */
export function jobOperations(runs: readonly FakeRun[], started?: Omit<FakeRun, 'minutesAgo'>): Operations {
  const machine = arn('states', `stateMachine:${prefix}-job`);
  const run = (name: string) => arn('states', `execution:${prefix}-job:${name}`);
  let looks = 0;
  return {
    ...identity,
    ...stack('job', [['AWS::StepFunctions::StateMachine', machine]]),
    'SFN.ListExecutions': ({ stateMachineArn }) => ({
      executions: runs.map(({ status, minutesAgo }, index) => ({
        ...{ executionArn: run(String(index)), stateMachineArn, name: String(index), status },
        startDate: ago(minutesAgo).getTime() / 1000,
      })),
    }),
    'SFN.StartExecution': ({ name }) => ({ executionArn: run(String(name)), startDate: Date.now() / 1000 }),
    'SFN.DescribeExecution': ({ executionArn }) => {
      const name = String(executionArn).split(':').at(-1) ?? '';
      const startDate = Date.now() / 1000;
      if (name in runs) {
        const { minutesAgo, ...known } = runs[Number(name)] as FakeRun;
        return { executionArn, startDate: ago(minutesAgo).getTime() / 1000, ...known };
      }
      looks += 1;
      return { executionArn, startDate, ...(looks < 3 ? { status: 'RUNNING' } : started) };
    },
  };
}
