import { Duration, Size } from 'aws-cdk-lib';
import {
  AwsLogDriverMode,
  Capability,
  type ContainerDefinitionOptions,
  type HealthCheck,
  LinuxParameters,
  LogDriver,
} from 'aws-cdk-lib/aws-ecs';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/**
 * Locks a container down: no Linux capabilities and a read-only root file system. The container also needs a non-root
 * user, set in its image or in addition to these options.
 *
 * @param name of the container
 */
export function lockedDown(
  scope: Construct,
  name: string,
): Required<Pick<ContainerDefinitionOptions, 'readonlyRootFilesystem' | 'linuxParameters'>> {
  const linuxParameters = new LinuxParameters(scope, `${name}-linux`);
  linuxParameters.dropCapabilities(Capability.ALL);
  return { readonlyRootFilesystem: true, linuxParameters };
}

/** The health check runs the image's program `health.mjs`, which exits with 0 if all is well. */
export const healthProgram: HealthCheck = {
  command: ['CMD', 'node', 'health.mjs'],
  interval: Duration.seconds(10),
  timeout: Duration.seconds(5),
  retries: 3,
  startPeriod: Duration.seconds(30),
};

/** A log driver that does not block the program if logs cannot be written. */
export function logWithoutWaiting(logGroup: ILogGroup, streamPrefix: string): LogDriver {
  return LogDriver.awsLogs({
    logGroup,
    streamPrefix,
    mode: AwsLogDriverMode.NON_BLOCKING,
    maxBufferSize: Size.mebibytes(4),
  });
}
