/**
 * Passes on the folder in which Node.js caches compiled code, for a program that does not inherit our environment. In
 * tests, the program then does not compile the same TypeScript at each start. Empty if no such folder is set.
 */
export function compileCache(): Readonly<Record<string, string>> {
  const { NODE_COMPILE_CACHE } = process.env;
  return NODE_COMPILE_CACHE ? { NODE_COMPILE_CACHE } : {};
}
