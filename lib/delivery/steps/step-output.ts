import type { FileSet, Step } from 'aws-cdk-lib/pipelines';

/**
 * The primary output of a step.
 *
 * @throws Error when the step has none
 */
export function outputOf({ id, primaryOutput }: Pick<Step, 'id' | 'primaryOutput'>): FileSet {
  if (!primaryOutput) throw new Error(`The step ${id} has no output, so it cannot be an input.`);
  return primaryOutput;
}
