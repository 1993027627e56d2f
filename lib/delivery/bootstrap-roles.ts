import { DefaultStackSynthesizer } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** Roles that the bootstrap makes in each account and region. */
export type BootstrapRole = 'deploy' | 'file-publishing';

/** The ARN of a role of the bootstrap, whose qualifier is the app's. */
export function bootstrapRoleArn(
  scope: Construct,
  role: BootstrapRole,
  { account, region }: { readonly account: string; readonly region: string },
): string {
  const qualifier =
    scope.node.tryGetContext('@aws-cdk/core:bootstrapQualifier') ?? DefaultStackSynthesizer.DEFAULT_QUALIFIER;
  return `arn:aws:iam::${account}:role/cdk-${qualifier}-${role}-role-${account}-${region}`;
}
