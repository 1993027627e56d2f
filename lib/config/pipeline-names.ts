import type { Deployment, Environment, ImageName } from './index.ts';

/** The parts of an environment, in the order of their deployment. */
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

/** The stage in which a person approves the deployment of one part of an environment. */
export function approvalStageName(environment: Environment, part: EnvironmentPart): string {
  return `${stageName(environment, part)}-approval`;
}

/** The action that runs the integration test against an environment. */
export const integrationTestAction = 'Integration-test';

/** The stage and the action that update the pipeline itself. */
export const updatePipelineStage = 'UpdatePipeline';
export const updatePipelineAction = 'SelfMutate';

/** The action that provides the source of the programs that later actions run. */
export const toolsAction = 'Tools';

/** The action that builds an image. */
export function imageAction(image: ImageName): string {
  return `Image-${image}`;
}

/** The artifact of an image's build: its bill of materials, and the findings accepted for it. */
export function imageArtifact(image: ImageName): string {
  return `${imageAction(image)}_Output`.replaceAll('-', '_');
}

/** The file in that artifact with the bill of materials. */
export function sbomFile(image: ImageName): string {
  return `${image}.cdx.json`;
}

/** The file with the accepted findings, in that artifact and in the sources. */
export const acceptedFindingsFile = 'accepted-findings.json';

/** The stage whose actions sign statements about the images. */
export const provenanceStage = 'Provenance';

/** The parallel actions that sign, each for some of the images: `Sign`, `Sign-2` and so on. */
export function signAction(index: number): string {
  return index === 0 ? 'Sign' : `Sign-${index + 1}`;
}

/** @returns whether an action is one of the signing actions */
export function isSignAction(name: string): boolean {
  return /^Sign(-\d+)?$/.test(name);
}

/** The stage in which a person approves a change of the pipeline itself. */
export const pipelineApprovalStage = 'Pipeline-approval';

/** The action that uploads the files needed by the stacks of its stage. */
export const publishAssetsAction = 'Assets';
