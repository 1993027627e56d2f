import type { FileSet } from 'aws-cdk-lib/pipelines';
import type { Deployment } from '../../config/index.ts';
import { pipelineName } from '../../config/pipeline-names.ts';

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
