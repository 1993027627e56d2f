import type { Deployment, Environment, ImageName } from './index.ts';

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

/** The action that builds an image. */
export function imageAction(image: ImageName): string {
  return `Image-${image}`;
}

/** The artifact with what an image's build knows of it: its bill of materials, and what of it is accepted. */
export function imageArtifact(image: ImageName): string {
  return `${imageAction(image)}_Output`.replaceAll('-', '_');
}

/** In that artifact: the bill of materials. */
export function sbomFile(image: ImageName): string {
  return `${image}.cdx.json`;
}

/** In that artifact, and in the sources: the findings that are accepted. */
export const acceptedFindingsFile = 'accepted-findings.json';

/** The stage whose actions sign what is known of the images. */
export const provenanceStage = 'Provenance';

/** The actions that sign, side by side, each some of the images: `Sign`, `Sign-2` and so on. */
export function signAction(index: number): string {
  return index === 0 ? 'Sign' : `Sign-${index + 1}`;
}

/** @returns whether an action is one of those that sign */
export function isSignAction(name: string): boolean {
  return /^Sign(-\d+)?$/.test(name);
}

/** The stage in which a person is asked about a change of the pipeline itself. */
export const pipelineApprovalStage = 'Pipeline-approval';

/** The action that uploads the files that the stacks of its stage need. */
export const publishAssetsAction = 'Assets';
