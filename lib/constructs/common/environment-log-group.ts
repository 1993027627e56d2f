import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Environment } from '../../config/index.ts';
import { removalPolicyOf } from './removal-policy.ts';

/**
 * A log group with the environment's retention. It outlives its stack if `deletionProtection` is on, and is deleted
 * with it if it is off.
 *
 * @param logGroupName only if an AWS service requires a particular name
 */
export function environmentLogGroup(
  scope: Construct,
  id: string,
  environment: Environment,
  logGroupName?: string,
): LogGroup {
  return new LogGroup(scope, id, {
    ...(logGroupName !== undefined && { logGroupName }),
    retention: environment.logRetentionDays,
    removalPolicy: removalPolicyOf(environment),
  });
}
