/** An action of the delivery pipeline, and its counterpart on this machine. */
export interface Action {
  readonly name: string;
  /** Actions with the same number run in parallel, as in CodePipeline. */
  readonly runOrder: number;
  readonly rehearsed: Rehearsed;
  /** On AWS, what undoes an action that failed half-way, in words. Absent if there is nothing to undo. */
  readonly undoneBy?: string;
}

export type Rehearsed =
  /** The action is carried out on this machine. */
  | { readonly as: 'work'; readonly run: (report: (line: string) => void) => Promise<void> }
  /** A manual approval: the user is asked if `--approve` is set; otherwise the approval is given. */
  | { readonly as: 'approval'; readonly question: () => string }
  /** The action cannot be carried out on one machine. It is shown with the reason. */
  | { readonly as: 'shown'; readonly reason: string };

/** A stage of the delivery. The next stage starts when all its actions have succeeded. */
export interface Stage {
  readonly name: string;
  readonly actions: readonly Action[];
  /** Whether CodePipeline returns the stage to its last successful execution when an action fails. */
  readonly rollsBack?: boolean;
  /** Whether the stage is skipped, evaluated when it is its turn. */
  readonly passedOver?: () => boolean;
}

/** The user answered no to an approval. */
export class RejectedError extends Error {}
