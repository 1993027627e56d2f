import {
  type ActionExecutionDetail,
  CodePipelineClient,
  ListActionExecutionsCommand,
  ListPipelineExecutionsCommand,
} from '@aws-sdk/client-codepipeline';
import { awsClient } from '../../aws/clients.ts';

/** One attempt of a build in the pipeline, as recorded by CodePipeline. */
export interface RecordedBuild {
  readonly execution: string;
  readonly action: string;
  readonly status: string;
  /** CodeBuild's id, `project:…`. */
  readonly id: string;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly variables: Readonly<Record<string, string>>;
}

/** How many executions are searched. */
const depth = 100;

/**
 * CodePipeline's own record of the builds of a revision, the newest first. Apart from their exported variables, builds
 * cannot write to it.
 */
export class PipelineRecord {
  readonly #client: CodePipelineClient;
  readonly #pipeline: string;

  constructor(region: string, pipeline: string) {
    this.#client = awsClient(CodePipelineClient, { region });
    this.#pipeline = pipeline;
  }

  /** The ids of the executions of a revision, whatever their result. */
  async executionsOf(revision: string): Promise<string[]> {
    const found: string[] = [];
    let seen = 0;
    let nextToken: string | undefined;
    do {
      const page = await this.#client.send(
        new ListPipelineExecutionsCommand({ pipelineName: this.#pipeline, maxResults: depth, nextToken }),
      );
      const executions = page.pipelineExecutionSummaries ?? [];
      for (const { pipelineExecutionId, sourceRevisions = [] } of executions) {
        const own = sourceRevisions.some(({ revisionId }) => isSame(revision, revisionId));
        if (own && pipelineExecutionId) found.push(pipelineExecutionId);
      }
      seen += executions.length;
      nextToken = page.nextToken;
    } while (nextToken && seen < depth);
    return found;
  }

  /** All attempts of all builds of one execution. */
  async builds(execution: string): Promise<RecordedBuild[]> {
    const builds: RecordedBuild[] = [];
    let nextToken: string | undefined;
    do {
      const page = await this.#client.send(
        new ListActionExecutionsCommand({
          pipelineName: this.#pipeline,
          filter: { pipelineExecutionId: execution },
          nextToken,
        }),
      );
      builds.push(...(page.actionExecutionDetails ?? []).flatMap((detail) => recorded(execution, detail)));
      nextToken = page.nextToken;
    } while (nextToken);
    return builds;
  }
}

function recorded(execution: string, detail: ActionExecutionDetail): RecordedBuild[] {
  const { actionName = '', status = '', startTime, lastUpdateTime, input, output } = detail;
  const id = output?.executionResult?.externalExecutionId;
  if (input?.actionTypeId?.provider !== 'CodeBuild' || !id || !startTime) return [];
  return [
    {
      execution,
      action: actionName,
      status,
      id,
      startedAt: startTime,
      endedAt: lastUpdateTime ?? startTime,
      variables: output?.outputVariables ?? {},
    },
  ];
}

/** For a source in S3, the revision that tags images is `version-` and the id of the object's version. */
function isSame(revision: string, id: string | undefined): boolean {
  return id !== undefined && (revision === id || revision === `version-${id}`);
}
