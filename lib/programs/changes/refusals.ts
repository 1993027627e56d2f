import { refusedForLife } from './for-life.ts';
import { handedOver } from './identities.ts';
import type { Template } from './template.ts';

/**
 * Finds changes of a stack that cannot be deployed.
 *
 * @param deployed undefined for a stack that does not exist yet, for which nothing is refused
 * @returns an error for each
 */
export function refusedInStack(deployed: Template | undefined, synthesized: Template): string[] {
  return [...refusedForLife(deployed, synthesized), ...handedOver(deployed, synthesized)];
}

/** @throws Error with all of these errors, if there are any */
export function refuse(sentences: readonly string[]): void {
  if (sentences.length === 0) return;
  throw new Error(
    [
      'The configuration has changes that cannot be deployed. Nothing was changed.',
      ...sentences,
      'Revert them. To change a setting that is fixed for life, create another environment (docs/deploy.md, ' +
        '"What can be changed").',
    ].join('\n'),
  );
}
