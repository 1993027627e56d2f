import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { FileSet } from 'aws-cdk-lib/pipelines';
import type { Construct } from 'constructs';
import type { Deployment } from '../config/index.ts';
import type { ArtifactBucket } from './artifacts/artifact-bucket.ts';
import type { Provenance } from './provenance/provenance.ts';

/** What all builds of the pipeline share. */
export interface BuildContext {
  /** The scope in which roles are created. */
  readonly scope: Construct;
  readonly deployment: Deployment;
  readonly artifacts: ArtifactBucket;
  /** The signing key, and the bucket for signed statements about images. */
  readonly provenance: Provenance;
  readonly logs: ILogGroup;
  /** The role of the pipeline itself, which assumes the roles of the actions. */
  readonly pipelineRole: IRole;
  /** The programs of the actions that follow the synthesis. */
  readonly tools: FileSet;
}
