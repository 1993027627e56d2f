import type { ContainerDefinition } from '../../service/task-definition/schema.ts';

/**
 * Whether ECS starts a container again: its policy is on, the exit code is not among those to be left alone, and it
 * has run for the restart attempt period since it was last started.
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
