import { bootstrapQualifier } from '../config/bootstrap-names.ts';
import type { Deployment } from '../config/index.ts';

/** Roles that the bootstrap creates in each account and region. */
export type BootstrapRole = 'deploy' | 'file-publishing';

/** The ARN of a role of the deployment's bootstrap. */
export function bootstrapRoleArn(
  deployment: Deployment,
  role: BootstrapRole,
  { account, region }: { readonly account: string; readonly region: string },
): string {
  return `arn:aws:iam::${account}:role/cdk-${bootstrapQualifier(deployment)}-${role}-role-${account}-${region}`;
}
