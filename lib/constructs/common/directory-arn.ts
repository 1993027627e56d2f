import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** The ARN of a directory in the account and region of the scope's stack. */
export function directoryArn(scope: Construct, directoryId: string): string {
  return Stack.of(scope).formatArn({ service: 'ds', resource: 'directory', resourceName: directoryId });
}
