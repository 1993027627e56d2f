import type { DeploymentInput } from '../../../lib/config/index.ts';

export type EnvironmentInput = DeploymentInput['environments'][number];
export type Change = (environment: EnvironmentInput, deployment: DeploymentInput) => void;

/** The effect on an environment when one key of the configuration changes. */
export interface Answer {
  /** A valid other value. `given` sets what it requires in both configurations. */
  readonly change: Change;
  readonly given?: Change;
  /** Whether the deployment carries out the change or it is refused before the deployment begins. */
  readonly outcome: 'carried out' | 'refused';
  /** The text of the refusal; default: that the key cannot be changed later. */
  readonly refusal?: string;
  /** The outcome of the change from the new value back to the old one; default: as `outcome`. */
  readonly back?: 'carried out' | 'refused';
  /** Whether the tasks use it and are therefore replaced. */
  readonly tasks?: boolean;
  /** Types of resources with data or identity that are created again while the old ones are retained. */
  readonly beside?: readonly string[];
}

export const carriedOut = (change: Change, more: Partial<Answer> = {}): Answer => ({
  change,
  outcome: 'carried out',
  ...more,
});
export const refused = (change: Change, more: Partial<Answer> = {}): Answer => ({
  change,
  outcome: 'refused',
  ...more,
});
