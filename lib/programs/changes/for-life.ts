import { type ForLife, refusedChanges } from '../../config/for-life.ts';

interface Template {
  readonly Resources?: Readonly<Record<string, { readonly Type?: string; readonly Properties?: unknown }>>;
}

/**
 * What a change of a stack would have to replace and must not, as the parameter `…/for-life` in its deployed template
 * records it.
 *
 * @returns one sentence for each; none for a stack that is not there yet
 */
export function refusedInStack(deployed: Template | undefined, synthesized: Template): string[] {
  return deployed ? refusedChanges(recordedIn(deployed), recordedIn(synthesized)) : [];
}

/** @throws Error with all sentences, and what to do, when there are any */
export function refuse(sentences: readonly string[]): void {
  if (sentences.length === 0) return;
  throw new Error(
    [
      'The configuration asks for changes that cannot be carried out. Nothing was touched.',
      ...sentences,
      'Take them back, or make another environment beside this one (docs/deploy.md, "What can be changed").',
    ].join('\n'),
  );
}

function recordedIn({ Resources = {} }: Template): ForLife {
  const records = Object.values(Resources)
    .filter(({ Type }) => Type === 'AWS::SSM::Parameter')
    .map(({ Properties }) => Properties as { readonly Name?: unknown; readonly Value?: unknown })
    .filter(({ Name }) => typeof Name === 'string' && Name.endsWith('/for-life'));
  return Object.assign({}, ...records.map(({ Value }) => JSON.parse(String(Value))));
}
