import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { IntegrationTestEnvironment } from '@packages/contracts';
import { type AwsEndpoint, startAwsEndpoint } from '../../pipeline/aws/aws-endpoint.ts';
import { bucketOperations } from '../../pipeline/aws/bucket-operations.ts';
import { DeliveryRecord } from '../../pipeline/aws/delivery-record.ts';
import { localBuilds } from '../../pipeline/aws/local-builds.ts';
import { stackDeployments } from '../../pipeline/aws/stack-deployments.ts';
import { roleOperations } from '../../pipeline/aws/stack-operations.ts';
import { synthesizedTestProject } from '../../pipeline/test-project.ts';
import type { Rehearsal } from '../rehearsal.ts';
import { assembly, repository } from './assembly.ts';
import { PipelineVariables } from './variables.ts';

/** One run of the pipeline on this machine. */
export interface Execution {
  readonly stateDirectory: string;
  /** The commit that is checked out. */
  readonly commit: string;
  /** The folder with the programs that later actions run. */
  readonly tools: string;
  readonly variables: PipelineVariables;
  /** Variables that direct the builds' AWS clients to this machine. */
  readonly awsEnvironment: Readonly<Record<string, string>>;
  /** Templates of the stacks that have been deployed here, by stack name, as CloudFormation would return them. */
  readonly deployed: Map<string, unknown>;
  /** What CodePipeline, the registry and KMS know about this execution. */
  readonly record: DeliveryRecord;
  /** Further input artifacts of builds, by name. */
  readonly sources: Record<string, string>;
  /** Aborted when the rehearsal ends. */
  readonly signal: AbortSignal;
  /** Builds that are running; the rehearsal waits for them when it ends. */
  readonly running: Set<Promise<unknown>>;
}

/**
 * Begins an execution. The builds find CloudFormation, the roles, the buckets, and the environment's CodeBuild project
 * for the integration test at an endpoint on this machine.
 *
 * @param testProject name of the CodeBuild project that tests the rehearsed environment
 * @param tools the folder of the pipeline's tools
 */
export async function beginExecution(
  rehearsal: Rehearsal,
  { testProject, tools }: { readonly testProject: string; readonly tools: string },
): Promise<Execution> {
  const deployed = new Map<string, unknown>();
  const record = new DeliveryRecord();
  const buckets = bucketsOf(rehearsal.stateDirectory);
  const endpoint: AwsEndpoint = await startAwsEndpoint({
    ...roleOperations,
    ...bucketOperations(buckets),
    ...record.operations,
    ...stackDeployments({ buckets, templates: deployed, report: rehearsal.report }),
    ...localBuilds({
      get [testProject]() {
        return integrationTestProject(rehearsal);
      },
    }),
  });
  rehearsal.cleanUp.defer(() => endpoint.stop());
  const end = new AbortController();
  const running = new Set<Promise<unknown>>();
  rehearsal.cleanUp.defer(async () => {
    end.abort();
    await Promise.allSettled(running);
  });
  return {
    stateDirectory: rehearsal.stateDirectory,
    commit: commit(),
    tools,
    variables: new PipelineVariables(),
    record,
    sources: {},
    awsEnvironment: {
      ...endpoint.environment,
      POLL_SECONDS: '0.2',
      NODE_ADVISORIES: `${endpoint.url}/nodejs/index.json`,
      NODE_SCHEDULE: `${endpoint.url}/nodejs/schedule.json`,
    },
    deployed,
    signal: end.signal,
    running,
  };
}

/** The folder that contains the buckets of all accounts, one subfolder each. */
export function bucketsOf(stateDirectory: string): string {
  return join(stateDirectory, 'buckets');
}

/**
 * The project that the Service stage creates in the environment's network, with the same buildspec, files and
 * variables.
 */
function integrationTestProject(rehearsal: Rehearsal) {
  const { names, stateDirectory } = rehearsal;
  return {
    ...synthesizedTestProject(assembly, names.environment, join(stateDirectory, 'integration-test')),
    environment: { ...integrationTestEnvironment(rehearsal), NO_COLOR: '1' },
  };
}

/** The integration test's variables: it tests web and the further web services that run here. */
export function integrationTestEnvironment({ names, taskCount, part, asked }: Rehearsal) {
  return {
    SERVICE_URL: part('loadBalancer').url,
    EXPECTED_LOGIN: names.login,
    EXPECTED_SCHEME: 'KERBEROS',
    EXPECTED_TASKS: String(taskCount),
    READY_SECONDS: '30',
    ...(asked.size > 0 && { ASKED_SERVICES: JSON.stringify([...asked.values()]) }),
  } satisfies IntegrationTestEnvironment;
}

function commit(): string {
  try {
    // Ignore git's own error output: it does not matter here.
    const stdio = ['ignore', 'pipe', 'ignore'] as const;
    const head = execFileSync('git', ['rev-parse', 'HEAD'], {
      cwd: repository,
      encoding: 'utf8',
      stdio: [...stdio],
    });
    return head.trim();
  } catch {
    return 'unknown';
  }
}
