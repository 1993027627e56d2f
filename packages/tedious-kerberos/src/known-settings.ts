/**
 * Settings that would do nothing are refused: a misspelt time limit is none, and a database in the wrong place is another
 * database.
 *
 * @param what they are settings of, as the sentence begins: `The pool`
 * @throws TypeError that names them
 */
export function assertKnown(what: string, given: object, known: readonly string[], remedy = ''): void {
  const unknown = Object.entries(given).filter(
    ([name, value]) => value !== undefined && !known.includes(name),
  );
  if (unknown.length === 0) return;
  const names = unknown.map(([name]) => `"${name}"`).join(', ');
  throw new TypeError(`${what} has no ${names}, but ${known.join(', ')}.${remedy && ` ${remedy}`}`);
}
