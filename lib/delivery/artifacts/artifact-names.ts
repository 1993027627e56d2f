import type { FileSet } from 'aws-cdk-lib/pipelines';
import type { Deployment } from '../../config/index.ts';
import { pipelineName } from '../../config/pipeline-names.ts';

/** Names the assembly that was compared before anybody was asked; the artifact's first ten characters must be its own. */
export const handedOnAssembly = 'Assembly';

/** Whether anybody is asked for anything: then what is deployed is what was handed on, not what Synth wrote. */
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
 * Where the objects of one artifact are in the bucket, those of every execution: CodePipeline puts them below the
 * pipeline's and the artifact's name, of which it takes the first 20 and 10 characters.
 */
export function artifactPrefix(deployment: Deployment, artifact: string): string {
  return `${pipelineName(deployment).slice(0, 20)}/${artifact.slice(0, 10)}`;
}
