import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { ECSClient } from '@aws-sdk/client-ecs';
import { SFNClient } from '@aws-sdk/client-sfn';
import { onlyService } from '@packages/contracts';
import { awsClient } from '../../../aws/clients.ts';
import { ReleaseError } from '../../../aws/errors.ts';
import { outcomeLines } from '../../../aws/integration-test/print-outcome.ts';
import { runIntegrationTest, type TestVerdict } from '../../../aws/integration-test/run-integration-test.ts';
import { type Environment, type Job, namesOf, serviceNamesOf, type Worker } from '../../../config/index.ts';
import { serviceStack } from '../../../config/stack-names.ts';
import { heartbeat } from '../../heartbeat.ts';
import { findEnvironment, type ReleaseContext } from '../context.ts';
import { expectOwnAccount } from '../own-account.ts';
import { findService } from '../services.ts';
import { testJob } from '../test-service/test-job.ts';
import { testWorker } from '../test-service/test-worker.ts';

export interface TestOptions {
  /** A single service to test; default: what the pipeline tests. */
  readonly service: string | undefined;
  /** For a job: runs it, with all its effects. */
  readonly run: boolean;
}

/** Receives progress while a test runs. */
interface Progress {
  readonly report: (line: string) => void;
  readonly waiting: () => void;
}

/**
 * `release test <environment>`: runs the pipeline's integration test or, for one service, the part about it. Workers
 * and jobs answer no requests; they are checked through AWS, with credentials of the environment's account.
 *
 * @returns whether all tests passed
 */
export async function test(
  context: ReleaseContext,
  environmentName: string,
  { service, run }: TestOptions,
): Promise<boolean> {
  const { deployment, print, json, voice } = context;
  const environment = findEnvironment(deployment, environmentName);
  const further = service === undefined ? undefined : findService(deployment, environment, service);
  if (run && further?.kind !== 'job') {
    throw new ReleaseError('Only a job can be run: name it with --service.');
  }
  const name = service === undefined ? environmentName : `${service} in ${environmentName}`;
  const { heard, beat } = heartbeat(voice.say);
  const progress: Progress = {
    report: (line) => {
      if (json) return;
      print(line);
      heard();
    },
    waiting: () => beat(() => `The test of ${name} is still running.`),
  };
  const outcome =
    further === undefined || further.kind === 'web'
      ? await overTheNetwork(context, environment, service, progress)
      : await askAws(context, environment, further, run, progress);
  if (json) print(JSON.stringify({ environment: environmentName, service, ...outcome }, undefined, 2));
  else for (const line of outcomeLines(name, outcome)) print(line);
  return outcome.passedAll;
}

/** Runs the integration test from the tools account, through the role for it in the environment. */
function overTheNetwork(
  { deployment, clientsFor, signal, intervalSeconds }: ReleaseContext,
  environment: Environment,
  service: string | undefined,
  progress: Progress,
) {
  const { integrationTestProject: project, integrationTestRole } = namesOf(deployment, environment);
  const role = `arn:aws:iam::${environment.account}:role/${integrationTestRole}`;
  return runIntegrationTest(clientsFor(environment.region, role), {
    ...{ project, signal, intervalSeconds },
    ...(service !== undefined && { settings: { [onlyService]: service } }),
    ...progress,
  });
}

async function askAws(
  context: ReleaseContext,
  environment: Environment,
  service: Worker | Job,
  run: boolean,
  progress: Progress,
): Promise<TestVerdict> {
  const { deployment, waiting, signal, intervalSeconds } = context;
  await expectOwnAccount(context, environment);
  const clientOptions = { ...waiting, region: environment.region };
  const stack = serviceStack(deployment, environment, service);
  const stacks = awsClient(CloudFormationClient, clientOptions);
  if (service.kind === 'job') {
    const clients = { stacks, machines: awsClient(SFNClient, clientOptions) };
    const limitSeconds = longestRun(service);
    return testJob(clients, { ...progress, stack, run, limitSeconds, signal, intervalSeconds });
  }
  return testWorker(
    {
      stacks,
      ecs: awsClient(ECSClient, clientOptions),
      logs: awsClient(CloudWatchLogsClient, clientOptions),
    },
    {
      name: service.name,
      serviceName: serviceNamesOf(deployment, environment, service).serviceName,
      cluster: namesOf(deployment, environment).clusterName,
      stack,
      isOurs: service.image === undefined,
    },
  );
}

/** Seconds for all attempts, the pauses between them (one minute, then doubling), and some time for starts. */
function longestRun({ timeoutMinutes, retries }: Job): number {
  const runs = retries + 1;
  return 60 * (runs * timeoutMinutes + 2 ** retries + 10);
}
