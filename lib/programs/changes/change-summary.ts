import type { ResourceChange, StackChanges } from './changes.ts';

/** CodePipeline shows at most 1000 characters with an approval; this leaves some room. */
export const summaryLimit = 950;

/** How many resources or stacks a sentence names at most; the first value that makes the summary fit is used. */
const namedAtMost = [5, 3, 2, 1, 0];

/**
 * One line for the approver: first what would be lost, then what is no longer delivered, images of others, permissions,
 * new stacks, and counts. If it gets too long, it names fewer resources and stacks, but keeps all sentences. The whole
 * comparison is in the build's log.
 *
 * @param left stacks that are no longer delivered
 * @param given images that are neither built nor signed here
 */
export function changeSummary(
  stacks: readonly StackChanges[],
  left: readonly string[] = [],
  given: readonly string[] = [],
): string {
  const summaries = namedAtMost.map((named) => summarize(stacks, { left, given }, named));
  const fitting = summaries.find(({ length }) => length <= summaryLimit);
  return fitting ?? `${summaries.at(-1)?.slice(0, summaryLimit - 1)}…`;
}

interface Besides {
  readonly left: readonly string[];
  readonly given: readonly string[];
}

function summarize(stacks: readonly StackChanges[], { left, given }: Besides, named: number): string {
  const resources = stacks.filter(({ isNew }) => !isNew).flatMap((stack) => stack.resources);
  const grave = (effect: ResourceChange['effect']) => {
    const found = resources.filter((resource) => resource.effect === effect);
    return [...found.filter(({ stateful }) => stateful), ...found.filter(({ stateful }) => !stateful)];
  };
  const sentences = [
    list('REPLACES', grave('replaced'), named),
    list('REMOVES', grave('removed'), named),
    list('May replace', grave('may be replaced'), named),
    noLongerDelivered(left, named),
    ofOthers(given, named),
    broadened(stacks, named),
    newStacks(stacks, named),
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

/** The first names, and how many more there are. */
function some(names: readonly string[], named: number): string {
  const rest = names.length - named;
  if (rest <= 0) return names.join(', ');
  return named === 0 ? `${rest} stacks` : `${names.slice(0, named).join(', ')} and ${rest} more`;
}

function ofOthers(given: readonly string[], named: number): string {
  if (given.length === 0) return '';
  // The first characters of a digest suffice to identify it.
  const names = given.map((uri) => uri.replace(/(@sha256:.{8}).*/, '$1…'));
  return `NOT BUILT OR SIGNED HERE: ${named === 0 ? `${names.length} images` : some(names, named)}.`;
}

function noLongerDelivered(names: readonly string[], named: number): string {
  return names.length > 0
    ? `NO LONGER DELIVERED, and still there until you delete: ${some(names, named)} (operate.md, "Take a service out").`
    : '';
}

function broadened(stacks: readonly StackChanges[], named: number): string {
  const names = stacks
    .filter(({ permissionsBroadened, isNew }) => permissionsBroadened && !isNew)
    .map(({ stackName }) => stackName);
  return names.length > 0 ? `PERMISSIONS BROADENED in ${some(names, named)}.` : '';
}

function newStacks(stacks: readonly StackChanges[], named: number): string {
  const names = stacks
    .filter(({ isNew }) => isNew)
    .map(({ stackName, resources }) => `${stackName} (${resources.length} resources)`);
  return names.length > 0 ? `New: ${some(names, named)}.` : '';
}

function counts(resources: readonly ResourceChange[]): string {
  const count = (effect: ResourceChange['effect']) => resources.filter((r) => r.effect === effect).length;
  const parts = (['changed', 'new revision', 'added'] as const)
    .filter((effect) => count(effect) > 0)
    .map((effect) => `${count(effect)} ${effect}`);
  return parts.length > 0 ? `${parts.join(', ')}.` : '';
}
