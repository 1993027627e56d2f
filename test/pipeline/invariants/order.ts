import type { Buildspec } from '../../../lib/constructs/common/buildspec.ts';
import type {
  BuildAction,
  DeployAction,
  Pipeline,
  PipelineAction,
} from '../../../local/pipeline/pipeline.ts';

/** The actions of a pipeline and the order in which they run: an execution passes through the stages one by one. */
export interface Order {
  readonly actions: readonly PipelineAction[];
  readonly builds: readonly BuildAction[];
  readonly deployments: readonly DeployAction[];
  /** Whether `first` must have succeeded when `second` starts. */
  precedes(first: PipelineAction, second: PipelineAction): boolean;
  /** The actions that must have succeeded when this one starts. */
  before(action: PipelineAction): readonly PipelineAction[];
}

export function orderOf({ stages }: Pipeline): Order {
  const actions = stages.flatMap((stage) => stage.actions);
  const stageNumber = new Map(stages.map(({ name }, index) => [name, index]));
  const precedes = (first: PipelineAction, second: PipelineAction) =>
    first.stage === second.stage
      ? first.runOrder < second.runOrder
      : (stageNumber.get(first.stage) ?? 0) < (stageNumber.get(second.stage) ?? 0);
  return {
    actions,
    builds: actions.filter((action) => action.kind === 'build'),
    deployments: actions.filter((action) => action.kind === 'deploy'),
    precedes,
    before: (action) => actions.filter((other) => precedes(other, action)),
  };
}

/** The action that gives a pipeline its source. */
export function sourceAction(pipeline: Pipeline): PipelineAction & { readonly namespace: string } {
  const found = orderOf(pipeline).actions.find(({ name }) => name === 'Source');
  if (!found) throw new Error('The pipeline has no source.');
  return { ...found, namespace: found.namespace ?? '' };
}

export const place = ({ stage, name }: PipelineAction) => `${stage}/${name}`;

/** All commands of a buildspec, in the order in which they run. */
export function commandsOf({ phases }: Pick<Buildspec, 'phases'>): string[] {
  return Object.values(phases).flatMap((phase) => [...(phase?.commands ?? []), ...(phase?.finally ?? [])]);
}
