/** Where a task runs: its web service listens on this address. */
export interface Slot {
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

/** A running pair of sidecar and web service, however it is run (as two processes, or from the images). */
export interface Task {
  readonly name: string;
  readonly slot: Slot;
  /** Resolves with the reason when the task ends, wanted or not. */
  readonly ended: Promise<string>;
  /** Ends it as ECS does: SIGTERM to both, time to drain, then SIGKILL. */
  stop(): Promise<void>;
}

/** Starts a task in a slot and resolves when its web service says that it can serve. */
export type TaskStarter = (slot: Slot) => Promise<Task>;
