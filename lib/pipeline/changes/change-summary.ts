import type { ResourceChange, StackChanges } from './changes.ts';

/** CodePipeline shows at most 1000 characters beside an approval; a little is left for its own. */
export const summaryLimit = 950;

/**
 * One line for the person who is asked to approve: what would be lost first, then rights, then counts.
 * The whole comparison is in the build's log.
 */
export function changeSummary(stacks: readonly StackChanges[]): string {
  const resources = stacks.filter(({ isNew }) => !isNew).flatMap((stack) => stack.resources);
  const grave = (effect: ResourceChange['effect']) => {
    const found = resources.filter((resource) => resource.effect === effect);
    return [...found.filter(({ stateful }) => stateful), ...found.filter(({ stateful }) => !stateful)];
  };
  const sentences = [
    list('REPLACES', grave('replaced')),
    list('REMOVES', grave('removed')),
    list('May replace', grave('may be replaced')),
    broadened(stacks),
    newStacks(stacks),
    counts(resources),
  ].filter((sentence) => sentence !== '');
  const summary = sentences.length > 0 ? sentences.join(' ') : 'Nothing would change.';
  return summary.length <= summaryLimit ? summary : `${summary.slice(0, summaryLimit - 1)}…`;
}

function list(verb: string, resources: readonly ResourceChange[]): string {
  if (resources.length === 0) return '';
  const shown = resources.slice(0, 5).map(({ name, type, stateful }) => {
    const kind = type.replace(/^AWS::/, '');
    return `${name} (${kind}${stateful ? ', STATEFUL' : ''})`;
  });
  const more = resources.length > shown.length ? ` and ${resources.length - shown.length} more` : '';
  return `${verb} ${shown.join(', ')}${more}.`;
}

function broadened(stacks: readonly StackChanges[]): string {
  const names = stacks
    .filter(({ permissionsBroadened, isNew }) => permissionsBroadened && !isNew)
    .map(({ stackName }) => stackName);
  return names.length > 0 ? `PERMISSIONS BROADENED in ${names.join(', ')}.` : '';
}

function newStacks(stacks: readonly StackChanges[]): string {
  const names = stacks
    .filter(({ isNew }) => isNew)
    .map(({ stackName, resources }) => `${stackName} (${resources.length} resources)`);
  return names.length > 0 ? `New: ${names.join(', ')}.` : '';
}

function counts(resources: readonly ResourceChange[]): string {
  const count = (effect: ResourceChange['effect']) => resources.filter((r) => r.effect === effect).length;
  const parts = (['changed', 'new revision', 'added'] as const)
    .filter((effect) => count(effect) > 0)
    .map((effect) => `${count(effect)} ${effect}`);
  return parts.length > 0 ? `${parts.join(', ')}.` : '';
}
