import type { FileSet } from 'aws-cdk-lib/pipelines';
import type { Deployment } from '../../config/index.ts';
import { pipelineName } from '../../config/pipeline-names.ts';

/** Names the assembly that was compared for approval. The first ten characters of the artifact's name must be unique. */
export const handedOnAssembly = 'Assembly';

/** Whether any approval is configured. If so, the pipeline deploys the compared assembly, not the output of Synth itself. */
export function asksForApprovals({ environments }: Deployment): boolean {
  return environments.some(({ approvals }) => Object.values(approvals).some(Boolean));
}

/** The artifact with the templates that are deployed; a test compares it with the template. */
export function deployedArtifact(deployment: Deployment): string {
  return asksForApprovals(deployment) ? `Changes_${handedOnAssembly}` : 'Synth_Output';
}

/** The name that CDK Pipelines gives the artifact of a file set; a test compares it with the template. */
export function artifactName({ id, producer }: FileSet): string {
  return `${producer.id}.${id}`.replace(/[^A-Za-z0-9_]/g, '_');
}

/**
 * The prefix of one artifact's objects in the bucket, for all executions: CodePipeline puts them below the first 20
 * characters of the pipeline's name and the first 10 of the artifact's name.
 */
export function artifactPrefix(deployment: Deployment, artifact: string): string {
  return `${pipelineName(deployment).slice(0, 20)}/${artifact.slice(0, 10)}`;
}
