/** One action of the delivery, as the pipeline has it, and what it is on this machine. */
export interface Action {
  readonly name: string;
  /** Actions with the same number run side by side, as in CodePipeline. */
  readonly runOrder: number;
  readonly rehearsed: Rehearsed;
  /** On AWS, what undoes an action that failed half-way, in words; absent: there is nothing to undo. */
  readonly undoneBy?: string;
}

export type Rehearsed =
  /** Really done here. */
  | { readonly as: 'work'; readonly run: (report: (line: string) => void) => Promise<void> }
  /** A manual approval: asked for with `--approve`, given otherwise. */
  | { readonly as: 'approval'; readonly question: () => string }
  /** Cannot be done on one machine; shown with the reason, never passed over in silence. */
  | { readonly as: 'shown'; readonly reason: string };

/** A stage of the delivery; the next one starts only when each of its actions has succeeded. */
export interface Stage {
  readonly name: string;
  readonly actions: readonly Action[];
  /** Whether CodePipeline brings the stage back to its last good execution when an action fails. */
  readonly rollsBack?: boolean;
  /** Whether the stage is passed over, asked when it is its turn. */
  readonly passedOver?: () => boolean;
}

/** A person said no at an approval. */
export class RejectedError extends Error {}
