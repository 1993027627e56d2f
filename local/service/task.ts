/** Where a task runs; a service that answers requests listens on this address. */
export interface Slot {
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

/** A running pair of sidecar and service, whether as two processes or from the images. */
export interface Task {
  readonly name: string;
  readonly slot: Slot;
  /** Resolves with the reason when the task ends, wanted or not. */
  readonly ended: Promise<string>;
  /** Ends it as ECS does: SIGTERM to both, time to drain, then SIGKILL. */
  stop(): Promise<void>;
}

/** Starts a task in a slot and resolves when its service is ready. */
export type TaskStarter = (slot: Slot) => Promise<Task>;
