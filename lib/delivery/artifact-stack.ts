import { PermissionsBoundary, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { permissionsBoundaryName } from '../config/iam-names.ts';
import type { Deployment } from '../config/index.ts';
import { deploymentSynthesizer } from '../constructs/common/deployment-synthesizer.ts';
import { ArtifactBucket } from './artifacts/artifact-bucket.ts';

export interface ArtifactStackProps {
  readonly deployment: Deployment;
  /** An environment's region other than the tools region. */
  readonly region: string;
}

/** The pipeline's artifact bucket in another region that it deploys to: CodePipeline copies artifacts there. */
export class ArtifactStack extends Stack {
  readonly bucket: ArtifactBucket;

  constructor(scope: Construct, id: string, { deployment, region }: ArtifactStackProps) {
    super(scope, id, {
      synthesizer: deploymentSynthesizer(deployment),
      env: { account: deployment.tools.account, region },
      stackName: `${deployment.name}-artifacts`,
      description: "The pipeline's artifacts in this region",
      terminationProtection: true,
      permissionsBoundary: PermissionsBoundary.fromName(permissionsBoundaryName(deployment)),
    });
    this.bucket = new ArtifactBucket(this, 'Artifacts', deployment);
  }
}
