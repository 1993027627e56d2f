import { CfnDeletionPolicy, type CfnResource, type CustomResource, RemovalPolicy } from 'aws-cdk-lib';
import type { Environment } from '../../config/index.ts';

/**
 * Removal policy for anything that holds data: retained if `deletionProtection` is on, deleted if it is off. A failed
 * first creation always deletes it, so that the next attempt finds its name free.
 */
export function removalPolicyOf({ deletionProtection }: Environment): RemovalPolicy {
  return deletionProtection ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
}

/**
 * The same for what a custom resource makes. When a change means another one (another user), the old one always stays:
 * the tasks that run still need it.
 */
export function applyRemovalPolicy(resource: CustomResource, environment: Environment): void {
  resource.applyRemovalPolicy(removalPolicyOf(environment));
  (resource.node.defaultChild as CfnResource).cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN;
}
