import {
  BatchGetBuildsCommand,
  type Build,
  CodeBuildClient,
  ListBuildsForProjectCommand,
  StartBuildCommand,
} from '@aws-sdk/client-codebuild';
import type { IntegrationTestEnvironment, IntegrationTestHookEnvironment } from '@packages/contracts';

/**
 * The part of a hook's event from ECS that identifies the deployment.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-lifecycle-hooks.html
 */
export interface HookEvent {
  readonly executionId?: string;
  readonly resourceArn?: string;
  readonly executionDetails?: { readonly targetServiceRevisionArn?: string };
}

/** A hook's response to ECS, which calls it again after `callBackDelay` seconds while it is in progress. */
export type HookAnswer =
  | { readonly hookStatus: 'SUCCEEDED' | 'FAILED' }
  | { readonly hookStatus: 'IN_PROGRESS'; readonly callBackDelay: number };

/** The variable that records in a build which deployment it tests. */
const deploymentVariable = 'DEPLOYMENT' satisfies keyof IntegrationTestEnvironment;
const inProgress: HookAnswer = { hookStatus: 'IN_PROGRESS', callBackDelay: 30 };

/**
 * Tests the new tasks of a blue/green deployment before they get production traffic: the first call starts the integration
 * test against the test listener, later calls report its status. The handler keeps no state: it finds the deployment's
 * build by a variable.
 *
 * @throws Error when the event does not identify the deployment; ECS then rolls it back
 */
function createHandler(codeBuild: Pick<CodeBuildClient, 'send'>, project: string, serviceUrl: string) {
  return async (event: HookEvent): Promise<HookAnswer> => {
    const deployment =
      event.executionDetails?.targetServiceRevisionArn ?? event.resourceArn ?? event.executionId;
    if (!deployment)
      throw new Error('The event names no deployment: it can be neither tested nor told apart.');
    const build = await buildOf(codeBuild, project, deployment);
    if (!build) {
      await codeBuild.send(
        new StartBuildCommand({
          projectName: project,
          environmentVariablesOverride: [
            { name: 'SERVICE_URL' satisfies keyof IntegrationTestEnvironment, value: serviceUrl },
            { name: deploymentVariable, value: deployment },
          ],
        }),
      );
      return inProgress;
    }
    console.log(JSON.stringify({ deployment, build: build.id, status: build.buildStatus }));
    if (build.buildStatus === 'IN_PROGRESS') return inProgress;
    return { hookStatus: build.buildStatus === 'SUCCEEDED' ? 'SUCCEEDED' : 'FAILED' };
  };
}

async function buildOf(
  codeBuild: Pick<CodeBuildClient, 'send'>,
  projectName: string,
  deployment: string,
): Promise<Build | undefined> {
  const { ids = [] } = await codeBuild.send(
    new ListBuildsForProjectCommand({ projectName, sortOrder: 'DESCENDING' }),
  );
  if (ids.length === 0) return undefined;
  const { builds = [] } = await codeBuild.send(new BatchGetBuildsCommand({ ids: ids.slice(0, 100) }));
  return builds.find(({ environment }) =>
    environment?.environmentVariables?.some(
      ({ name, value }) => name === deploymentVariable && value === deployment,
    ),
  );
}

const { TEST_PROJECT = '', SERVICE_URL = '' } = process.env as Partial<IntegrationTestHookEnvironment>;
/** Milliseconds. Leaves time to retry a request that got no answer within the function's timeout. */
const requestHandler = { connectionTimeout: 2000, requestTimeout: 5000, throwOnRequestTimeout: true };
export const handler = createHandler(new CodeBuildClient({ requestHandler }), TEST_PROJECT, SERVICE_URL);
