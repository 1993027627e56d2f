import { AwsFault, type Operations } from '../../../local/pipeline/aws/aws-endpoint.ts';
import type { FakeActionExecution, FakeExecution, FakePipeline } from './fake-pipeline.ts';

type Input = Record<string, unknown>;

/**
 * The operations of CodePipeline that the release tool uses, on a fake pipeline. Shapes and errors are those of the API
 * reference; lists come in pages of two, so that a caller that does not fetch further pages fails.
 *
 * @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_Operations.html
 */
export function pipelineOperations(pipeline: FakePipeline): Operations {
  const known = (name: unknown) => {
    if (name === pipeline.name) return;
    throw new AwsFault(
      'PipelineNotFoundException',
      `Account '111111111111' does not have a pipeline with name '${name}'`,
    );
  };
  const find = (id: unknown) => {
    const execution = pipeline.executions.find((candidate) => candidate.id === id);
    if (execution) return execution;
    throw new AwsFault('PipelineExecutionNotFoundException', `Execution ${id} does not exist.`);
  };

  return {
    'CodePipeline.GetPipeline': ({ name }) => {
      known(name);
      return { pipeline: declare(pipeline) };
    },
    'CodePipeline.GetPipelineState': ({ name }) => {
      known(name);
      return { pipelineName: name, pipelineVersion: pipeline.version, stageStates: stageStates(pipeline) };
    },
    'CodePipeline.GetPipelineExecution': ({ pipelineName, pipelineExecutionId }) => {
      known(pipelineName);
      const { id, status, statusSummary, target } = find(pipelineExecutionId);
      return {
        pipelineExecution: {
          pipelineExecutionId: id,
          pipelineName,
          status,
          statusSummary,
          ...rollbackMetadata(target),
        },
      };
    },
    'CodePipeline.ListPipelineExecutions': ({ pipelineName, filter, nextToken, maxResults }) => {
      known(pipelineName);
      const stage = (filter as { succeededInStage?: { stageName: string } })?.succeededInStage?.stageName;
      const found = pipeline.executions.filter(
        ({ succeededStages, type }) =>
          !stage || (succeededStages.has(stage) && (type === 'STANDARD' || pipeline.listsRollbacks)),
      );
      return page('pipelineExecutionSummaries', found.map(summarize), nextToken, Number(maxResults ?? 100));
    },
    'CodePipeline.ListActionExecutions': ({ pipelineName, filter, nextToken }) => {
      known(pipelineName);
      const { pipelineExecutionId } = filter as { pipelineExecutionId: string };
      const found = pipeline.actionExecutions.filter(
        ({ executionId }) => executionId === pipelineExecutionId,
      );
      return page('actionExecutionDetails', found.map(detail), nextToken);
    },
    'CodePipeline.PutApprovalResult': (input) => putApprovalResult(pipeline, input),
    'CodePipeline.RollbackStage': (input) =>
      rollbackStage(pipeline, input, find(input.targetPipelineExecutionId)),
  };
}

function declare({ name, stages, version }: FakePipeline) {
  return {
    name,
    version,
    pipelineType: 'V2',
    executionMode: 'QUEUED',
    stages: stages.map((stage) => ({
      name: stage.name,
      actions: stage.actions.map((action) => ({
        name: action.name,
        runOrder: action.runOrder,
        actionTypeId: typeId(action),
      })),
    })),
  };
}

function typeId({ category, provider }: { category: string; provider: string }) {
  return { category, owner: 'AWS', provider, version: '1' };
}

function stageStates(pipeline: FakePipeline) {
  return pipeline.stages.map(({ name, actions }) => {
    const latest = pipeline.latest.get(name);
    return {
      stageName: name,
      ...(latest && {
        latestExecution: {
          pipelineExecutionId: latest.executionId,
          status: pipeline.stageStatus(name, latest.executionId),
          type: latest.type,
        },
      }),
      actionStates: actions.map((action) => {
        const last = pipeline.actionExecutions.find(
          (started) => started.stage === name && started.action.name === action.name,
        );
        return { actionName: action.name, ...(last && { latestExecution: actionState(last) }) };
      }),
    };
  });
}

function actionState({
  id,
  status,
  lastUpdateTime,
  token,
  summary,
  externalExecutionId,
  error,
}: FakeActionExecution) {
  return {
    actionExecutionId: id,
    status,
    lastStatusChange: lastUpdateTime,
    token,
    summary,
    externalExecutionId,
    ...(error && { errorDetails: { code: 'JobFailed', message: error } }),
  };
}

function rollbackMetadata(target: string | undefined) {
  return target && { rollbackMetadata: { rollbackTargetPipelineExecutionId: target } };
}

function summarize({ id, status, statusSummary, startTime, commit, title, type, target }: FakeExecution) {
  return {
    pipelineExecutionId: id,
    status,
    statusSummary,
    startTime,
    lastUpdateTime: startTime,
    executionMode: 'QUEUED',
    executionType: type,
    ...rollbackMetadata(target),
    sourceRevisions: [
      {
        actionName: 'Source',
        revisionId: commit,
        revisionSummary: JSON.stringify({ ProviderType: 'GitHub', CommitMessage: title }),
      },
    ],
  };
}

function detail({
  executionId,
  id,
  stage,
  action,
  startTime,
  lastUpdateTime,
  status,
  ...rest
}: FakeActionExecution) {
  return {
    pipelineExecutionId: executionId,
    actionExecutionId: id,
    stageName: stage,
    actionName: action.name,
    startTime,
    lastUpdateTime,
    status,
    updatedBy: rest.by,
    input: { actionTypeId: typeId(action), resolvedConfiguration: action.resolved ?? {} },
    output: {
      outputVariables: rest.variables,
      executionResult: {
        externalExecutionId: rest.externalExecutionId,
        externalExecutionSummary: rest.summary,
        ...(rest.error && { errorDetails: { code: 'JobFailed', message: rest.error } }),
      },
    },
  };
}

function page(member: string, items: readonly unknown[], token: unknown, limit = 2) {
  const from = Number(token ?? 0);
  const to = from + Math.min(limit, 2);
  return { [member]: items.slice(from, to), ...(to < items.length && { nextToken: String(to) }) };
}

function putApprovalResult(pipeline: FakePipeline, { stageName, actionName, token, result }: Input) {
  const waiting = pipeline.actionExecutions.find(
    ({ stage, action }) => stage === stageName && action.name === actionName,
  );
  if (waiting?.status !== 'InProgress') {
    throw new AwsFault(
      'ApprovalAlreadyCompletedException',
      'The approval action has already been completed.',
    );
  }
  if (waiting.token !== token) {
    throw new AwsFault('InvalidApprovalTokenException', 'The approval token is not valid.');
  }
  const { status, summary } = result as { status: string; summary: string };
  waiting.summary = summary;
  waiting.by = 'arn:aws:sts::111111111111:assumed-role/operators/alice';
  if (status === 'Approved') pipeline.succeed(waiting);
  else pipeline.fail(waiting, summary);
  return { approvedAt: waiting.lastUpdateTime };
}

function rollbackStage(pipeline: FakePipeline, { stageName }: Input, target: FakeExecution) {
  const stage = String(stageName);
  if (target.type === 'ROLLBACK' || !target.succeededStages.has(stage)) {
    throw new AwsFault('UnableToRollbackStageException', `Unable to roll back ${stage}.`);
  }
  if (target.version !== pipeline.version) {
    throw new AwsFault('PipelineExecutionOutdatedException', 'The specified pipeline execution is outdated.');
  }
  const present = pipeline.latest.get(stage);
  if (present && pipeline.stageStatus(stage, present.executionId) === 'InProgress') {
    throw new AwsFault('ConflictException', 'Your request cannot be handled because the pipeline is busy.');
  }
  const rollback = pipeline.push(target.commit, target.title, 'ROLLBACK');
  rollback.target = target.id;
  pipeline.latest.set(stage, { executionId: rollback.id, type: 'ROLLBACK' });
  return { pipelineExecutionId: rollback.id };
}
