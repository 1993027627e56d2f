const actions = new Set<() => void>();

process.on('exit', () => {
  // What was begun last may work with what was begun before.
  for (const action of [...actions].reverse()) {
    try {
      action();
    } catch {
      // It is too late for anything but the other actions.
    }
  }
});

/**
 * Has something done when this process exits in the middle of its work; not when a signal kills it.
 *
 * @param action must be synchronous
 * @returns forgets it
 */
export function atExit(action: () => void): () => void {
  actions.add(action);
  return () => actions.delete(action);
}
