import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** The ARN of a directory of the account and region that the scope is deployed to. */
export function directoryArn(scope: Construct, directoryId: string): string {
  return Stack.of(scope).formatArn({ service: 'ds', resource: 'directory', resourceName: directoryId });
}
