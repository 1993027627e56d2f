/**
 * For a program that gets an environment of its own: where Node.js keeps what it has compiled, so that a test does not
 * wait for the same TypeScript each time that the program starts. Empty where nobody keeps it.
 */
export function compileCache(): Readonly<Record<string, string>> {
  const { NODE_COMPILE_CACHE } = process.env;
  return NODE_COMPILE_CACHE ? { NODE_COMPILE_CACHE } : {};
}
