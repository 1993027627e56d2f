/** Whether the process is shutting down; set once, by the signal that ends it. */
export interface Lifecycle {
  draining: boolean;
}
