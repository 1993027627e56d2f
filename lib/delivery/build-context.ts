import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { FileSet } from 'aws-cdk-lib/pipelines';
import type { Construct } from 'constructs';
import type { Deployment } from '../config/index.ts';
import type { ArtifactBucket } from './artifacts/artifact-bucket.ts';
import type { Provenance } from './provenance/provenance.ts';

/** What every build of the pipeline is given. */
export interface BuildContext {
  /** Where roles are made. */
  readonly scope: Construct;
  readonly deployment: Deployment;
  readonly artifacts: ArtifactBucket;
  /** What is signed about images, and with what. */
  readonly provenance: Provenance;
  readonly logs: ILogGroup;
  /** The role of the pipeline itself, which takes on the roles of actions. */
  readonly pipelineRole: IRole;
  /** The programs of the actions that follow the synthesis. */
  readonly tools: FileSet;
}
