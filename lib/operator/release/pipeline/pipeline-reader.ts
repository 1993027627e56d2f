import {
  type ActionExecutionDetail,
  type CodePipelineClient,
  GetPipelineCommand,
  GetPipelineExecutionCommand,
  GetPipelineStateCommand,
  ListActionExecutionsCommand,
  ListPipelineExecutionsCommand,
  type PipelineExecution,
  type PipelineExecutionSummary,
  type SourceRevision,
  type StageState,
} from '@aws-sdk/client-codepipeline';
import { ReleaseError } from '../../../aws/errors.ts';
import { plainText } from '../../../aws/plain-text.ts';
import { toolsAction } from '../../../config/pipeline-names.ts';

/** An action of the pipeline in its current structure. */
export interface DeclaredAction {
  readonly stage: string;
  readonly name: string;
  readonly runOrder: number;
  readonly provider: string;
}

/** Reads one pipeline. The client retries throttled calls. */
export class PipelineReader {
  readonly #client: CodePipelineClient;
  readonly name: string;

  constructor(client: CodePipelineClient, name: string) {
    this.#client = client;
    this.name = name;
  }

  /** The actions of each stage, in the order in which they run. */
  async actions(): Promise<DeclaredAction[]> {
    const { pipeline } = await this.#client.send(new GetPipelineCommand({ name: this.name }));
    return (pipeline?.stages ?? []).flatMap(({ name: stage = '', actions = [] }) =>
      actions
        .map((action) => ({
          stage,
          name: action.name ?? '',
          runOrder: action.runOrder ?? 1,
          provider: action.actionTypeId?.provider ?? '',
        }))
        .sort((a, b) => a.runOrder - b.runOrder),
    );
  }

  /** The state of each stage. */
  async stageStates(): Promise<StageState[]> {
    const { stageStates = [] } = await this.#client.send(new GetPipelineStateCommand({ name: this.name }));
    return stageStates;
  }

  /**
   * Lists executions, newest first.
   *
   * @param limit the most executions to return
   * @param succeededInStage only executions that have succeeded in this stage
   */
  async executions(limit = 20, succeededInStage?: string): Promise<PipelineExecutionSummary[]> {
    const executions: PipelineExecutionSummary[] = [];
    let nextToken: string | undefined;
    do {
      const page = await this.#client.send(
        new ListPipelineExecutionsCommand({
          pipelineName: this.name,
          maxResults: Math.min(limit, 100),
          nextToken,
          ...(succeededInStage && { filter: { succeededInStage: { stageName: succeededInStage } } }),
        }),
      );
      executions.push(...(page.pipelineExecutionSummaries ?? []));
      nextToken = page.nextToken;
    } while (nextToken && executions.length < limit);
    return executions.slice(0, limit);
  }

  async execution(pipelineExecutionId: string): Promise<PipelineExecution> {
    const { pipelineExecution } = await this.#client.send(
      new GetPipelineExecutionCommand({ pipelineName: this.name, pipelineExecutionId }),
    );
    if (!pipelineExecution) throw new ReleaseError(`There is no execution ${pipelineExecutionId}.`);
    return pipelineExecution;
  }

  /** All actions of an execution, by `stage/action`; of each action, the latest attempt. */
  async actionExecutions(pipelineExecutionId: string): Promise<Map<string, ActionExecutionDetail>> {
    const latest = new Map<string, ActionExecutionDetail>();
    let nextToken: string | undefined;
    do {
      const page = await this.#client.send(
        new ListActionExecutionsCommand({
          pipelineName: this.name,
          filter: { pipelineExecutionId },
          nextToken,
        }),
      );
      // The newest come first.
      for (const detail of page.actionExecutionDetails ?? []) {
        const key = `${detail.stageName}/${detail.actionName}`;
        if (!latest.has(key)) latest.set(key, detail);
      }
      nextToken = page.nextToken;
    } while (nextToken);
    return latest;
  }

  /**
   * Finds an execution by the first characters of its id or its commit; default: the newest.
   *
   * @throws ReleaseError if there is none, or more than one
   */
  async findExecution(beginning?: string): Promise<PipelineExecutionSummary> {
    if (beginning === '') {
      throw new ReleaseError(
        '"" does not name an execution: give the beginning of its id or of its commit, or nothing for the newest.',
      );
    }
    const executions = await this.executions(100);
    const [newest] = executions;
    if (!newest) throw new ReleaseError(`${this.name} has never run. Push a commit to start it.`);
    if (!beginning) return newest;
    const byId = executions.filter(({ pipelineExecutionId }) => pipelineExecutionId?.startsWith(beginning));
    const found =
      byId.length > 0 ? byId : executions.filter((execution) => revision(execution).startsWith(beginning));
    const commits = commitsAmong(found, beginning);
    if (byId.length === 0 && commits.length > 1) {
      throw new ReleaseError(
        `${commits.length} commits begin with ${beginning}: give more of one of ${commits.join(', ')}.`,
      );
    }
    if (found.length === 1 || (found.length > 1 && byId.length === 0))
      return found[0] as PipelineExecutionSummary;
    throw new ReleaseError(
      found.length === 0
        ? `None of the last ${executions.length} executions begins with ${beginning}, nor does the commit of one.`
        : `${found.length} executions begin with ${beginning}: give more of the id.`,
    );
  }
}

/** The commit (or object version) of an execution; empty until its source action has run. */
export function revision({
  sourceRevisions = [],
}: Pick<PipelineExecutionSummary, 'sourceRevisions'>): string {
  return plainText(ofSource(sourceRevisions)?.revisionId ?? '');
}

/** The first line of the commit message, if the source provides it. */
export function revisionTitle({ sourceRevisions = [] }: PipelineExecutionSummary): string {
  const summary = ofSource(sourceRevisions)?.revisionSummary ?? '';
  return plainText((messageOf(summary) ?? summary).trimStart().split(/[\r\n]/)[0] ?? '');
}

/** The pipeline's own tools are a source as well, which is skipped here. */
function ofSource(revisions: readonly SourceRevision[]): SourceRevision | undefined {
  return revisions.find(({ actionName }) => actionName !== toolsAction);
}

/** CodeConnections returns the summary as JSON. */
function messageOf(summary: string): string | undefined {
  try {
    const { CommitMessage } = JSON.parse(summary) as { CommitMessage?: string };
    return CommitMessage;
  } catch {
    return undefined;
  }
}

/** The distinct commits of executions, each with enough characters to tell it from others that begin alike. */
export function commitsAmong(executions: readonly PipelineExecutionSummary[], beginning: string): string[] {
  const commits = [...new Set(executions.map(revision))];
  return commits.map((commit) => commit.slice(0, Math.max(8, beginning.length + 4)));
}
