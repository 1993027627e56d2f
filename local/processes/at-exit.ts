const actions = new Set<() => void>();

process.on('exit', () => {
  // Run the latest action first, because it may use what earlier ones clean up.
  for (const action of [...actions].reverse()) {
    try {
      action();
    } catch {
      // At this point only the other actions still matter.
    }
  }
});

/**
 * Registers an action to run when this process exits with work unfinished; it does not run if a signal kills the
 * process.
 *
 * @param action must be synchronous
 * @returns a function that unregisters it
 */
export function atExit(action: () => void): () => void {
  actions.add(action);
  return () => actions.delete(action);
}
