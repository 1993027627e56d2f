import { PermissionsBoundary, Stage } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { permissionsBoundaryName } from '../config/iam-names.ts';
import type { Deployment, Environment } from '../config/index.ts';
import { tagEnvironment } from '../constructs/common/tags.ts';
import { trustOwnAccount } from '../constructs/common/trust-own-account.ts';

export interface EnvironmentStageProps {
  readonly deployment: Deployment;
  /** One of the deployment's environments. */
  readonly environment: Environment;
}

/** What the stages of an environment have in common: account, region, tags, and permissions boundary. */
export abstract class EnvironmentStage extends Stage {
  constructor(scope: Construct, id: string, { deployment, environment }: EnvironmentStageProps) {
    super(scope, id, {
      env: { account: environment.account, region: environment.region },
      permissionsBoundary: PermissionsBoundary.fromName(permissionsBoundaryName(deployment)),
    });
    tagEnvironment(this, deployment, environment);
    trustOwnAccount(this);
  }
}
