import { CfnDeletionPolicy, type CfnResource, type CustomResource, RemovalPolicy } from 'aws-cdk-lib';
import type { Environment } from '../../config/index.ts';

/**
 * Removal policy for anything that holds data: retained if `deletionProtection` is on, deleted if it is off. If its
 * first creation fails, it is deleted either way, so that the next attempt finds its name free.
 */
export function removalPolicyOf({ deletionProtection }: Environment): RemovalPolicy {
  return deletionProtection ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
}

/**
 * The same for what a custom resource creates. If a change replaces it (with another user, for example), the old one is
 * retained, because running tasks still need it.
 */
export function applyRemovalPolicy(resource: CustomResource, environment: Environment): void {
  resource.applyRemovalPolicy(removalPolicyOf(environment));
  (resource.node.defaultChild as CfnResource).cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN;
}
