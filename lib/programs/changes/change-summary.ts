import type { ResourceChange, StackChanges } from './changes.ts';

/** CodePipeline shows at most 1000 characters beside an approval; a little is left for its own. */
export const summaryLimit = 950;

/** How many resources a sentence names, the most that fits. */
const namedAtMost = [5, 3, 2, 1, 0];

/**
 * One line for the person who is asked to approve: what would be lost first, then rights, then counts. When there is
 * too much, fewer resources are named; no sentence is left out. The whole comparison is in the build's log.
 */
export function changeSummary(stacks: readonly StackChanges[]): string {
  const summaries = namedAtMost.map((named) => summarize(stacks, named));
  const fitting = summaries.find(({ length }) => length <= summaryLimit);
  return fitting ?? `${summaries.at(-1)?.slice(0, summaryLimit - 1)}…`;
}

function summarize(stacks: readonly StackChanges[], named: number): string {
  const resources = stacks.filter(({ isNew }) => !isNew).flatMap((stack) => stack.resources);
  const grave = (effect: ResourceChange['effect']) => {
    const found = resources.filter((resource) => resource.effect === effect);
    return [...found.filter(({ stateful }) => stateful), ...found.filter(({ stateful }) => !stateful)];
  };
  const sentences = [
    list('REPLACES', grave('replaced'), named),
    list('REMOVES', grave('removed'), named),
    list('May replace', grave('may be replaced'), named),
    broadened(stacks),
    newStacks(stacks),
    counts(resources),
  ].filter((sentence) => sentence !== '');
  return sentences.length > 0 ? sentences.join(' ') : 'Nothing would change.';
}

function list(verb: string, resources: readonly ResourceChange[], named: number): string {
  if (resources.length === 0) return '';
  const shown = resources.slice(0, named).map(({ name, type, stateful }) => {
    const kind = type.replace(/^AWS::/, '');
    return `${name} (${kind}${stateful ? ', STATEFUL' : ''})`;
  });
  const rest = resources.slice(named);
  const grave = rest.filter(({ stateful }) => stateful).length;
  const more = rest.length > 0 ? `${rest.length}${shown.length > 0 ? ' more' : ''}` : '';
  return `${verb} ${shown.join(', ')}${shown.length > 0 && more ? ' and ' : ''}${more}${grave > 0 ? ` (${grave} STATEFUL)` : ''}.`;
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
