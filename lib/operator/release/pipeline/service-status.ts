import type { ActionExecutionDetail, PipelineExecutionSummary } from '@aws-sdk/client-codepipeline';
import { plainText } from '../../../aws/plain-text.ts';
import { type Deployment, type Environment, furtherServices } from '../../../config/index.ts';
import { imageAction, stageName } from '../../../config/pipeline-names.ts';
import { serviceStacks } from '../../../config/stack-names.ts';
import { web } from '../services.ts';
import { type PipelineReader, revision } from './pipeline-reader.ts';
import type { StageHistory } from './stage-history.ts';

/** What one service of an environment runs. */
export interface ServiceStatus {
  readonly name: string;
  /** The commit that its stack was last deployed from; empty if it never was. */
  readonly commit: string;
  /** The digest of the image that this execution built; empty if CodePipeline no longer has it. */
  readonly image: string;
  /** CodePipeline's status of the last deployment of its stack. */
  readonly status: string;
}

/**
 * The services of an environment, each by the deployment of its own stack. If the stage failed and was not rolled back,
 * some services run the later commit and others the one before.
 *
 * @param executions of the pipeline, newest first
 */
export async function serviceStatus(
  { deployment, pipeline }: { readonly deployment: Deployment; readonly pipeline: PipelineReader },
  environment: Environment,
  { standing, latest }: StageHistory,
  executions: readonly PipelineExecutionSummary[],
): Promise<ServiceStatus[]> {
  const stage = stageName(environment, 'service');
  const names = [web, ...furtherServices(deployment, environment).map(({ name }) => name)];
  const stacks = serviceStacks(deployment, environment);
  const read = async (execution: PipelineExecutionSummary | undefined) => ({
    commit: revision(execution ?? {}),
    actions: execution?.pipelineExecutionId
      ? await pipeline.actionExecutions(execution.pipelineExecutionId)
      : new Map<string, ActionExecutionDetail>(),
  });
  const [present] = standing;
  const tried = executions.find((execution) => execution.pipelineExecutionId === latest?.pipelineExecutionId);
  const isBehind = latest?.status !== 'Succeeded' && tried !== present;
  const [deployed, attempt] = await Promise.all([read(present), read(isBehind ? tried : undefined)]);
  return names.map((name, index) => {
    const action = `${stage}/${stacks[index]}.Deploy`;
    const own = attempt.actions.get(action);
    const { commit, actions } = own?.status === 'Succeeded' ? attempt : deployed;
    const { IMAGE_DIGEST = '' } = actions.get(`Build/${imageAction(name)}`)?.output?.outputVariables ?? {};
    return {
      name,
      commit,
      image: plainText(IMAGE_DIGEST),
      status: own?.status ?? (commit ? 'Succeeded' : 'NotYet'),
    };
  });
}
