/**
 * Saves the environment of this process. Test files share a process, so changes by one would affect the next.
 *
 * @returns a function that restores it; `process.env` stays the same object, which native code also reads
 */
export function keptEnvironment(): () => void {
  const before = { ...process.env };
  return () => {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  };
}
