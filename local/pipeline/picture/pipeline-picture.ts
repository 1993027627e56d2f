import type { Pipeline, PipelineAction, PipelineStage } from '../pipeline.ts';

/** An account and region with a readable name, such as `staging`. */
export interface NamedPlace {
  readonly name: string;
  readonly account: string;
  readonly region: string;
}

/** How each kind of action is drawn: the brackets of its Mermaid shape, and its colours. */
const looks: Readonly<Record<PipelineAction['kind'], { shape: readonly [string, string]; colours: string }>> =
  {
    source: { shape: ['([', '])'], colours: 'fill:#eceff1,stroke:#546e7a,color:#111' },
    build: { shape: ['[', ']'], colours: 'fill:#e3f2fd,stroke:#1565c0,color:#111' },
    deploy: { shape: ['[[', ']]'], colours: 'fill:#e8f5e9,stroke:#2e7d32,color:#111' },
    approval: { shape: ['{{', '}}'], colours: 'fill:#fff8e1,stroke:#f9a825,color:#111' },
  };

/**
 * Draws a pipeline in Mermaid: a box for each stage with its actions by run order, and an arrow for each "waits for".
 *
 * @param places names of the accounts; the first is the pipeline's own
 */
export function pipelinePicture({ stages }: Pipeline, places: readonly NamedPlace[]): string {
  return [
    'flowchart TB',
    ...stages.flatMap((stage, index) => stageBox(stage, index, places)),
    ...stages.slice(1).map((_, index) => `  s${index} --> s${index + 1}`),
    ...Object.entries(looks).map(([kind, { colours }]) => `  classDef ${kind} ${colours}`),
  ].join('\n');
}

function stageBox(
  { name, actions, onFailure }: PipelineStage,
  index: number,
  places: readonly NamedPlace[],
): string[] {
  const title = onFailure === 'FAIL' ? name : `${name} — on failure: ${onFailure.toLowerCase()}`;
  const orders = [...Map.groupBy(actions, ({ runOrder }) => runOrder)].sort(([a], [b]) => a - b);
  const ids = new Map(actions.map((action, number) => [action, `s${index}a${number}`]));
  const list = (group: readonly PipelineAction[]) => group.map((action) => ids.get(action)).join(' & ');
  return [
    `  subgraph s${index}["${title}"]`,
    '    direction LR',
    ...actions.map((action) => `    ${ids.get(action)}${node(action, places)}`),
    ...orders
      .slice(1)
      .map(([, group], before) => `    ${list(orders[before]?.[1] ?? [])} --> ${list(group)}`),
    '  end',
  ];
}

function node(action: PipelineAction, places: readonly NamedPlace[]): string {
  const [open, close] = looks[action.kind].shape;
  const where = places.find(({ account, region }) => account === action.account && region === action.region);
  const home = where === places[0];
  return `${open}"${action.runOrder} · ${title(action)}${home ? '' : `<br>in ${where?.name ?? action.account}`}"${close}:::${action.kind}`;
}

function title(action: PipelineAction): string {
  return action.kind === 'deploy' ? action.stackName : action.name;
}

/** The same as a table, for reading and searching: one row for each action. */
export function pipelineTable({ stages }: Pipeline, places: readonly NamedPlace[]): string {
  const rows = stages.flatMap(({ name, actions }) =>
    actions.map((action) => [
      name,
      String(action.runOrder),
      title(action),
      provider(action),
      places.find(({ account, region }) => account === action.account && region === action.region)?.name ??
        `${action.account}, ${action.region}`,
    ]),
  );
  return [['Stage', 'Run order', 'Action', 'By', 'In'], ['---', '---', '---', '---', '---'], ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

function provider(action: PipelineAction): string {
  return action.kind === 'approval' ? 'a person' : action.provider;
}

/** The builds before the first deployment, step by step; those of a step run in parallel. */
export function buildsBeforeFirstDeployment({ stages }: Pipeline): string[][] {
  const steps: string[][] = [];
  for (const { actions } of stages) {
    for (const [, group] of Map.groupBy(actions, ({ runOrder }) => runOrder)) {
      if (group.some(({ kind }) => kind === 'deploy')) return steps;
      const builds = group.filter(({ kind }) => kind === 'build').map(({ name }) => name);
      if (builds.length > 0) steps.push(builds);
    }
  }
  return steps;
}
