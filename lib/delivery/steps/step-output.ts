import type { FileSet, Step } from 'aws-cdk-lib/pipelines';

/**
 * What a step hands to those that follow.
 *
 * @throws Error when it hands on nothing
 */
export function outputOf({ id, primaryOutput }: Pick<Step, 'id' | 'primaryOutput'>): FileSet {
  if (!primaryOutput) throw new Error(`The step ${id} hands nothing on, so it cannot be an input.`);
  return primaryOutput;
}
