import type { PipelineAction } from './pipeline.ts';

/** Whether an action can be carried out on one machine, and if not, why. */
export type Rehearsability =
  | { readonly possible: true }
  | { readonly possible: false; readonly reason: string };

export interface Machine {
  /** Whether the machine has a container engine that can be called as `docker`. */
  readonly containers: boolean;
}

const possible = { possible: true } as const;
const impossible = (reason: string) => ({ possible: false, reason }) as const;

/** Says whether an action can be rehearsed. One that cannot is shown with the reason. */
export function rehearsability(action: PipelineAction, machine: Machine): Rehearsability {
  if (action.kind !== 'build') return possible;
  if (action.name.startsWith('Image-') && !machine.containers) {
    return impossible('images are built only with a container engine: use npm start -- --containers');
  }
  if (action.name === 'Audit') {
    return impossible(
      'it queries the npm registry for known vulnerabilities: run node lib/programs/audit-packages.ts',
    );
  }
  if (action.name === 'Tests') return impossible('the whole test suite takes minutes: run npm test');
  return possible;
}
