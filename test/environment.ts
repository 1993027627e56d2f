/**
 * Remembers the environment of this process. Test files share a process, and what one leaves would change another's result.
 *
 * @returns what puts it back; `process.env` stays the same object, which native code reads, too
 */
export function keptEnvironment(): () => void {
  const before = { ...process.env };
  return () => {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  };
}
