import { Stage } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Deployment, Environment } from '../config/index.ts';
import { tagEnvironment } from '../constructs/common/tags.ts';

export interface EnvironmentStageProps {
  readonly deployment: Deployment;
  /** One of the deployment's environments. */
  readonly environment: Environment;
}

/** What the three stages of an environment have in common: account, region and tags. */
export abstract class EnvironmentStage extends Stage {
  constructor(scope: Construct, id: string, { deployment, environment }: EnvironmentStageProps) {
    super(scope, id, { env: { account: environment.account, region: environment.region } });
    tagEnvironment(this, deployment, environment);
  }
}
