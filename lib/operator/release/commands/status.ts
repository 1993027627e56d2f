import type { PipelineExecutionSummary, StageState } from '@aws-sdk/client-codepipeline';
import { type EnvironmentPart, environmentParts, stageName } from '../../../config/pipeline-names.ts';
import type { ReleaseContext } from '../context.ts';
import { cut, duration, short, sign, table } from '../format.ts';
import { type WaitingApproval, waitingApprovals } from '../pipeline/approvals.ts';
import { revision, revisionTitle } from '../pipeline/pipeline-reader.ts';
import { type ServiceStatus, serviceStatus } from '../pipeline/service-status.ts';
import { type StageHistory, stageHistory } from '../pipeline/stage-history.ts';

/** What is deployed in one part of an environment, and its latest execution. */
export interface PartStatus {
  readonly part: EnvironmentPart;
  readonly status: string;
  readonly execution: string;
  readonly commit: string;
  /** The deployed commit, possibly restored by a rollback; a later commit may have failed. */
  readonly deployed: string;
  readonly rollback: boolean;
}

export interface ReleaseStatus {
  readonly pipeline: string;
  readonly environments: readonly {
    readonly name: string;
    readonly parts: readonly PartStatus[];
    readonly services: readonly ServiceStatus[];
  }[];
  readonly executions: readonly {
    readonly id: string;
    readonly status: string;
    readonly commit: string;
    readonly title: string;
    readonly startedAt: string;
  }[];
  readonly approvals: readonly Omit<WaitingApproval, 'token'>[];
}

/**
 * Reads where each commit is: what is deployed in each part of each environment, what is in progress, and what waits
 * for approval.
 */
async function readStatus({ deployment, pipeline }: ReleaseContext): Promise<ReleaseStatus> {
  const [states, executions] = await Promise.all([pipeline.stageStates(), pipeline.executions(100)]);
  const byId = new Map(executions.map((execution) => [execution.pipelineExecutionId ?? '', execution]));
  const environments = await Promise.all(
    deployment.environments.map(async (environment) => {
      const histories = await Promise.all(
        environmentParts.map((part) =>
          stageHistory(pipeline, stageName(environment, part), states, executions),
        ),
      );
      const ofServices = histories[environmentParts.indexOf('service')] as StageHistory;
      return {
        name: environment.name,
        parts: environmentParts.map((part, index) => {
          const { standing, latest } = histories[index] as StageHistory;
          return partStatus(part, latest, byId, standing[0]);
        }),
        services: await serviceStatus({ deployment, pipeline }, environment, ofServices, executions),
      };
    }),
  );
  const approvals = await waitingApprovals(pipeline, states);
  return {
    pipeline: pipeline.name,
    environments,
    executions: executions.filter(isUnderWay).map((execution) => ({
      id: execution.pipelineExecutionId ?? '',
      status: execution.status ?? '',
      commit: revision(execution),
      title: revisionTitle(execution),
      startedAt: execution.startTime?.toISOString() ?? '',
    })),
    // Leave out the token, because it gives the right to answer.
    approvals: approvals.map(({ token: _, ...approval }) => approval),
  };
}

function isUnderWay({ status }: PipelineExecutionSummary): boolean {
  return status === 'InProgress' || status === 'Stopping';
}

function partStatus(
  part: EnvironmentPart,
  last: StageState['latestExecution'],
  executions: ReadonlyMap<string, PipelineExecutionSummary>,
  deployed: PipelineExecutionSummary | undefined,
): PartStatus {
  const id = last?.pipelineExecutionId ?? '';
  return {
    part,
    status: last?.status ?? 'NotYet',
    execution: id,
    commit: revision(executions.get(id) ?? {}),
    deployed: deployed ? revision(deployed) : '',
    rollback: last?.type === 'ROLLBACK',
  };
}

/** `release status` */
export async function status(context: ReleaseContext): Promise<void> {
  const result = await readStatus(context);
  if (context.json) {
    context.print(JSON.stringify(result, undefined, 2));
    return;
  }
  for (const line of statusLines(result, context.terminal, Date.now())) context.print(line);
}

/** @param now milliseconds since 1970, for ages */
function statusLines(result: ReleaseStatus, terminal: boolean, now: number): string[] {
  const cell = ({ status, deployed, commit, rollback }: PartStatus) => {
    const onItsWay =
      status !== 'Succeeded' && commit && commit !== deployed ? ` (${short(commit)} ${status})` : '';
    return `${sign(status, terminal)} ${short(deployed)}${onItsWay}${rollback ? ' rolled back' : ''}`;
  };
  const lines = [
    `Pipeline ${result.pipeline}`,
    '',
    ...table([
      ['environment', ...environmentParts],
      ...result.environments.map(({ name, parts }) => [name, ...parts.map(cell)]),
    ]),
  ];
  for (const { name: environment, services } of result.environments) {
    // If there is only web, the table shows everything.
    if (services.length < 2) continue;
    lines.push('', `Services of ${environment}:`);
    lines.push(
      ...table(
        services.map(({ name, commit, image, status }) => [
          `  ${sign(status, terminal)} ${name}`,
          short(commit),
          image ? cut(image, 20) : '–',
          ['Succeeded', 'NotYet'].includes(status) ? '' : `a deployment: ${status}`,
        ]),
      ),
    );
  }
  if (result.executions.length > 0) {
    lines.push('', 'On the way:');
    lines.push(
      ...table(
        result.executions.map(({ id, status, commit, title, startedAt }) => [
          `  ${sign(status, terminal)} ${short(id)}`,
          short(commit),
          startedAt ? duration(now - Date.parse(startedAt)) : '',
          cut(title, 60),
        ]),
      ),
    );
  }
  for (const { stage, summary, link, executionId } of result.approvals) {
    lines.push(
      '',
      `${sign('Waiting', terminal)} ${stage} waits for an approval (execution ${short(executionId)}).`,
    );
    if (summary) lines.push(`  ${summary}`);
    if (link) lines.push(`  ${link}`);
    lines.push(`  npm run release -- approve ${stage} --execution ${short(executionId)}`);
  }
  return lines;
}
