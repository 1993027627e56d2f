import { type ForLife, refusedChanges } from '../../config/for-life.ts';
import type { Template } from './template.ts';

/**
 * What a change of a stack would have to replace and must not, as the parameter `…/for-life` in its deployed template
 * records it.
 *
 * @returns one sentence for each; none for a stack that is not there yet
 */
export function refusedForLife(deployed: Template | undefined, synthesized: Template): string[] {
  return deployed ? refusedChanges(recordedIn(deployed), recordedIn(synthesized)) : [];
}

function recordedIn({ Resources = {} }: Template): ForLife {
  const records = Object.values(Resources)
    .filter(({ Type }) => Type === 'AWS::SSM::Parameter')
    .map(({ Properties = {} }) => Properties)
    .filter(({ Name }) => typeof Name === 'string' && Name.endsWith('/for-life'));
  return Object.assign({}, ...records.map(({ Value }) => JSON.parse(String(Value))));
}
