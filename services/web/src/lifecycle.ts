/** Whether the process takes new work; set once, by the signal that ends it. */
export interface Lifecycle {
  draining: boolean;
}
