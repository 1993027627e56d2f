import {
  BatchGetBuildsCommand,
  type Build,
  CodeBuildClient,
  ListBuildsForProjectCommand,
  StartBuildCommand,
} from '@aws-sdk/client-codebuild';
import type { IntegrationTestEnvironment, IntegrationTestHookEnvironment } from '@packages/contracts';

/**
 * What ECS sends to a hook; of it, only what tells one deployment from another is read.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-lifecycle-hooks.html
 */
export interface HookEvent {
  readonly executionId?: string;
  readonly resourceArn?: string;
  readonly executionDetails?: { readonly targetServiceRevisionArn?: string };
}

/** What a hook answers; ECS asks again after `callBackDelay` seconds while it is in progress. */
export type HookAnswer =
  | { readonly hookStatus: 'SUCCEEDED' | 'FAILED' }
  | { readonly hookStatus: 'IN_PROGRESS'; readonly callBackDelay: number };

/** The variable by which a build remembers which deployment it tests. */
const deploymentVariable = 'DEPLOYMENT' satisfies keyof IntegrationTestEnvironment;
const inProgress: HookAnswer = { hookStatus: 'IN_PROGRESS', callBackDelay: 30 };

/**
 * Tests the new tasks of a blue/green deployment before they get any traffic: the first call starts the integration
 * test against the test listener, the calls after it tell how it goes. The builds themselves are its memory.
 *
 * @throws Error when the event does not name the deployment; ECS then takes the deployment back
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
/** Milliseconds; an answer that got lost is asked for again, well within the function's limit. */
const requestHandler = { connectionTimeout: 2000, requestTimeout: 5000, throwOnRequestTimeout: true };
export const handler = createHandler(new CodeBuildClient({ requestHandler }), TEST_PROJECT, SERVICE_URL);
