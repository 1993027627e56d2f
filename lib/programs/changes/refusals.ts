import { refusedForLife } from './for-life.ts';
import { handedOver } from './identities.ts';
import type { Template } from './template.ts';

/**
 * What of a change of a stack no deployment could carry out.
 *
 * @param deployed undefined for a stack that is not there yet, of which nothing is refused
 * @returns one sentence for each
 */
export function refusedInStack(deployed: Template | undefined, synthesized: Template): string[] {
  return [...refusedForLife(deployed, synthesized), ...handedOver(deployed, synthesized)];
}

/** @throws Error with all sentences when there are any */
export function refuse(sentences: readonly string[]): void {
  if (sentences.length === 0) return;
  throw new Error(
    [
      'The configuration asks for changes that cannot be carried out. Nothing was touched.',
      ...sentences,
      'Take them back. Another value of what is for life needs another environment beside this one (docs/deploy.md, ' +
        '"What can be changed").',
    ].join('\n'),
  );
}
