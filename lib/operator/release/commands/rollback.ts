import { type PipelineExecutionSummary, RollbackStageCommand } from '@aws-sdk/client-codepipeline';
import { ReleaseError } from '../../../aws/errors.ts';
import type { Deployment, Environment } from '../../../config/index.ts';
import { stageName } from '../../../config/pipeline-names.ts';
import { findEnvironment, type ReleaseContext } from '../context.ts';
import { short } from '../format.ts';
import { commitsAmong, type PipelineReader, revision, revisionTitle } from '../pipeline/pipeline-reader.ts';
import { type StageHistory, stageHistory } from '../pipeline/stage-history.ts';
import { findService } from '../services.ts';

export interface RollbackOptions {
  /** The first characters of the commit or execution to go back to; default: the last good one before the present. */
  readonly to: string | undefined;
  /** A single service to go back, which CodePipeline cannot do; default: all services of the environment. */
  readonly service: string | undefined;
  /** Asks the user; resolves to whether to continue. */
  readonly confirm: (question: string) => Promise<boolean>;
}

/** Explains why CodePipeline refused. */
const refusals: Readonly<Record<string, string>> = {
  PipelineExecutionOutdatedException:
    'the pipeline has been changed since that execution, and CodePipeline cannot go back further than that. Revert the commit and push instead: that runs the whole pipeline, with its tests.',
  UnableToRollbackStageException:
    'CodePipeline cannot roll this stage back now. Revert the commit and push instead.',
  ConflictException: 'the stage is running. Wait until it has ended (release watch) and try again.',
};

/** `release rollback <environment>`: deploys the services of an earlier execution again, and tests them. */
export async function rollback(
  context: ReleaseContext,
  environmentName: string,
  options: RollbackOptions,
): Promise<void> {
  const { deployment, pipeline, print, json } = context;
  const environment = findEnvironment(deployment, environmentName);
  if (options.service !== undefined) refuseAlone(context, environment, options.service);
  const stage = stageName(environment, 'service');
  const history = await stageHistory(pipeline, stage, await pipeline.stageStates());
  const { latest } = history;
  if (latest?.status === 'InProgress' || latest?.status === 'Stopping') {
    throw new ReleaseError(`${stage} cannot go back now: ${refusals.ConflictException}`);
  }
  const target = options.to === undefined ? previous(history, stage) : named(history, stage, options.to);
  const what = `${short(revision(target))} ${revisionTitle(target)}`.trim();
  refuseExpired(target, what, deployment);
  const [present] = history.standing;
  const from = present && latest?.status === 'Succeeded' ? ` from ${short(revision(present))}` : '';
  if (!(await options.confirm(`Go back${from} to ${what} in ${stage}?`)))
    throw new ReleaseError('Nothing was changed.');
  const id = await start(context, stage, target, what);
  print(
    json
      ? JSON.stringify({ stage, execution: id, target: target.pipelineExecutionId, commit: revision(target) })
      : `Rolling back ${stage} to ${what}: npm run release -- watch ${short(id)}`,
  );
}

/** CodePipeline rolls back whole stages, and all services of an environment share one: decision 075. */
function refuseAlone({ deployment }: ReleaseContext, environment: Environment, service: string): never {
  const isGiven = findService(deployment, environment, service)?.image !== undefined;
  const paths = isGiven ? 'cdk.json' : `services/${service} cdk.json`;
  throw new ReleaseError(
    `${service} cannot be rolled back alone: CodePipeline rolls back a whole stage, and the services of ${environment.name} share one. Find the commit that changed it (git log -- ${paths}), revert it and push: that runs the whole pipeline, with its tests. Or roll back all of them, without --service.`,
  );
}

/** @returns the id of the execution that does the rollback */
async function start(
  { pipeline, clients }: ReleaseContext,
  stage: string,
  { pipelineExecutionId: targetPipelineExecutionId }: PipelineExecutionSummary,
  what: string,
): Promise<string> {
  const before = await latestOf(pipeline, stage);
  try {
    const { pipelineExecutionId } = await clients.pipeline.send(
      new RollbackStageCommand({ pipelineName: pipeline.name, stageName: stage, targetPipelineExecutionId }),
    );
    return pipelineExecutionId ?? '';
  } catch (error) {
    const refusal = error instanceof Error ? refusals[error.name] : undefined;
    if (!refusal) throw error;
    // If the response got lost, the repeated request finds that our own rollback is in progress.
    const now = await latestOf(pipeline, stage);
    if (now !== before && (await targetOf(pipeline, now)) === targetPipelineExecutionId) return now;
    throw new ReleaseError(`${stage} cannot go back to ${what}: ${refusal}`);
  }
}

async function latestOf(pipeline: PipelineReader, stage: string): Promise<string> {
  const state = (await pipeline.stageStates()).find(({ stageName }) => stageName === stage);
  return state?.latestExecution?.pipelineExecutionId ?? '';
}

async function targetOf(pipeline: PipelineReader, id: string): Promise<string | undefined> {
  return (await pipeline.execution(id)).rollbackMetadata?.rollbackTargetPipelineExecutionId;
}

/** The fewest characters that identify a commit, as in git; less may be left of an empty variable. */
const fewest = 4;

function named({ good }: StageHistory, stage: string, to: string): PipelineExecutionSummary {
  if (to.length < fewest) {
    throw new ReleaseError(
      `"${to}" is too short to say where to go back to: give at least ${fewest} characters of a commit or an execution id.`,
    );
  }
  const found = good.filter(
    (execution) => execution.pipelineExecutionId?.startsWith(to) || revision(execution).startsWith(to),
  );
  const commits = commitsAmong(found, to);
  if (commits.length > 1) {
    throw new ReleaseError(
      `${commits.length} commits that have gone through ${stage} begin with ${to}: give more of one of ${commits.join(', ')}.`,
    );
  }
  const [newest] = found;
  if (newest) return newest;
  throw new ReleaseError(`No execution with ${to} has gone through ${stage}; ${list(good)}`);
}

/** After a failure, the last good execution; after a success, the one before it. */
function previous({ standing, good, latest }: StageHistory, stage: string): PipelineExecutionSummary {
  const [present] = standing;
  const failed = latest !== undefined && latest.status !== 'Succeeded';
  const target = failed
    ? present
    : standing.find((execution) => present && revision(execution) !== revision(present));
  if (target) return target;
  const runs = present ? ` ${short(revision(present))} runs in ${stage}, and nothing before it;` : '';
  throw new ReleaseError(`There is nothing to go back to:${runs} ${list(good)}`);
}

/** A rollback needs the artifacts of the earlier execution, which their bucket keeps only for a limited time. */
function refuseExpired(
  { startTime }: PipelineExecutionSummary,
  what: string,
  { pipeline: { artifactRetentionDays } }: Deployment,
): void {
  const days = (Date.now() - (startTime?.getTime() ?? Date.now())) / 86_400_000;
  if (days < artifactRetentionDays) return;
  throw new ReleaseError(
    `${what} was delivered ${Math.floor(days)} days ago, and its artifacts are kept for ${artifactRetentionDays} (pipeline.artifactRetentionDays in cdk.json): it is no longer possible to go back to it. Revert what came after it and push instead: that runs the whole pipeline, with its tests.`,
  );
}

function list(executions: readonly PipelineExecutionSummary[]): string {
  const commits = executions.slice(0, 10).map((execution) => short(revision(execution)));
  const since = 'since the pipeline was last changed, and CodePipeline cannot go back further';
  return commits.length > 0
    ? `these have gone through it ${since}: ${commits.join(', ')}.`
    : `none has gone through it ${since}.`;
}
