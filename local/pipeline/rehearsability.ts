import type { PipelineAction } from './pipeline.ts';

/** Whether an action can be done on one machine, and if not, why. */
export type Rehearsability =
  | { readonly possible: true }
  | { readonly possible: false; readonly reason: string };

export interface Machine {
  /** Whether a container engine is there that answers to `docker`. */
  readonly containers: boolean;
}

const possible = { possible: true } as const;
const impossible = (reason: string) => ({ possible: false, reason }) as const;

/** Says of an action whether it can be rehearsed; one that cannot is shown with the reason, never passed over. */
export function rehearsability(action: PipelineAction, machine: Machine): Rehearsability {
  if (action.kind !== 'build') return possible;
  if (action.name.startsWith('Image-') && !machine.containers) {
    return impossible('images are built only with a container engine: npm start -- --containers');
  }
  if (action.name === 'Audit') {
    return impossible(
      'it asks the registry of npm for known vulnerabilities: node lib/programs/audit-packages.ts',
    );
  }
  if (action.name === 'Tests') return impossible('the whole test suite takes minutes: npm test');
  return possible;
}
