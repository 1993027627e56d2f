import { readFileSync } from 'node:fs';

/**
 * Reads a JSON file without duplicate keys. For a duplicate key, this parser takes the last value and another may take the
 * first, so that what is deployed could differ from what was shown.
 *
 * @throws Error when an object has a duplicate key; SyntaxError when the file is not JSON
 */
export function readWholeJson(path: string): unknown {
  const text = readFileSync(path, 'utf8');
  const value: unknown = JSON.parse(text);
  // In JSON, a string followed by a colon is a key, and quotes occur only around strings.
  const written = text.match(/"(?:[^"\\]|\\.)*"\s*:?/g)?.filter((token) => token.endsWith(':')).length ?? 0;
  if (written === namesIn(value)) return value;
  throw new Error(
    `${path} has a duplicate key in an object. Parsers differ on which of the two counts, so it is not certain what would be deployed.`,
  );
}

function namesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const inner = Object.values(value).reduce((sum: number, item) => sum + namesIn(item), 0);
  return inner + (Array.isArray(value) ? 0 : Object.keys(value).length);
}
