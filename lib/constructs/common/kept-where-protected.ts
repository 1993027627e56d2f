import { CfnDeletionPolicy, type CfnResource, type CustomResource, RemovalPolicy } from 'aws-cdk-lib';
import type { Environment } from '../../config/index.ts';

/**
 * What becomes of a resource that holds something of worth when its stack is deleted: it stays where the environment
 * is protected from deletion, and goes elsewhere. It never stays of a stack whose creation has failed, where it would
 * be in the way of the next attempt.
 */
export function keptWhereProtected({ deletionProtection }: Environment): RemovalPolicy {
  return deletionProtection ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
}

/**
 * The same for what a custom resource makes. When a change means another one (another user), the old one always stays:
 * the tasks that run still need it.
 */
export function keepWithEnvironment(resource: CustomResource, environment: Environment): void {
  resource.applyRemovalPolicy(keptWhereProtected(environment));
  (resource.node.defaultChild as CfnResource).cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN;
}
