import type { DeploymentInput } from '../../../lib/config/index.ts';

export type EnvironmentInput = DeploymentInput['environments'][number];
export type Change = (environment: EnvironmentInput, deployment: DeploymentInput) => void;

/** What becomes of an environment when one key of the configuration changes. */
export interface Answer {
  /** A valid other value; what it needs beside it is set in both configurations by `given`. */
  readonly change: Change;
  readonly given?: Change;
  /** What the change means: the deployment carries it out, or it is refused before it begins. */
  readonly outcome: 'carried out' | 'refused';
  /** What the refusal says; default: that the key is for life. */
  readonly refusal?: string;
  /** The same from the new value back to the old one; default: as `outcome`. */
  readonly back?: 'carried out' | 'refused';
  /** Whether tasks read it, and so are replaced. */
  readonly tasks?: boolean;
  /** Kinds of what holds data or identity of which another one is made, while the old one stays beside it. */
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
