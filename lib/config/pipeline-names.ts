import type { Deployment, Environment } from './index.ts';

/** The parts of an environment, in the order in which they are deployed. */
export const environmentParts = ['network-directory', 'database', 'service'] as const;
export type EnvironmentPart = (typeof environmentParts)[number];

/** The pipeline's name in CodePipeline. */
export function pipelineName(deployment: Deployment): string {
  return deployment.name;
}

/** The stage of the pipeline that deploys one part of an environment, such as `staging-database`. */
export function stageName({ name }: Environment, part: EnvironmentPart): string {
  return `${name}-${part}`;
}

/** The stage in which a person is asked before a part of an environment is deployed. */
export function approvalStageName(environment: Environment, part: EnvironmentPart): string {
  return `${stageName(environment, part)}-approval`;
}

/** The action that runs the integration test against an environment. */
export const integrationTestAction = 'Integration-test';

/** The stage and the action that update the pipeline itself. */
export const updatePipelineStage = 'UpdatePipeline';
export const updatePipelineAction = 'SelfMutate';

/** The source of the programs that the later actions run. */
export const toolsAction = 'Tools';

/** The stage and the action that sign what is known of the images. */
export const provenanceStage = 'Provenance';
export const signAction = 'Sign';

/** The stage in which a person is asked about a change of the pipeline itself. */
export const pipelineApprovalStage = 'Pipeline-approval';

/** The action that uploads the files that the stacks of its stage need. */
export const publishAssetsAction = 'Assets';
