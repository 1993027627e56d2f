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
 * What a container of the task needs for its work and no more: no capability of Linux, no root that it could write to. It
 * needs a user of its own, in its image or beside.
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

/** ECS asks a program `health.mjs` of the image, which ends with 0 when all is well. */
export const healthProgram: HealthCheck = {
  command: ['CMD', 'node', 'health.mjs'],
  interval: Duration.seconds(10),
  timeout: Duration.seconds(5),
  retries: 3,
  startPeriod: Duration.seconds(30),
};

/** A log that, when it cannot be written, holds nothing up. */
export function logWithoutWaiting(logGroup: ILogGroup, streamPrefix: string): LogDriver {
  return LogDriver.awsLogs({
    logGroup,
    streamPrefix,
    mode: AwsLogDriverMode.NON_BLOCKING,
    maxBufferSize: Size.mebibytes(4),
  });
}
