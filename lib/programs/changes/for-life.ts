import { type ForLife, refusedChanges } from '../../config/for-life.ts';
import type { Template } from './template.ts';

/**
 * Finds changes of settings that must not change after deployment. The parameter `…/for-life` in the deployed template
 * records these settings.
 *
 * @returns an error for each; none for a stack that does not exist yet
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
