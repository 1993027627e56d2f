import type { ContainerDefinition } from '../../service/task-definition/schema.ts';

/**
 * Whether ECS restarts a container: its restart policy is on, the exit code is not one of those to ignore, and the
 * container has run for at least the restart attempt period since its last start.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-restart-policy.html
 */
export function mayRestart(
  policy: ContainerDefinition['RestartPolicy'],
  { exitCode, ranSeconds }: { readonly exitCode: number; readonly ranSeconds: number },
): boolean {
  return (
    policy?.Enabled === true &&
    !policy.IgnoredExitCodes.includes(exitCode) &&
    ranSeconds >= policy.RestartAttemptPeriod
  );
}
