import { readFileSync } from 'node:fs';

/**
 * Reads a file of JSON of which every reader sees the same: where a name stands twice in one object, this reader takes the
 * last, and another may take the first, so that something else would be deployed than what was shown.
 *
 * @throws Error when a name stands twice; SyntaxError when it is no JSON
 */
export function readWholeJson(path: string): unknown {
  const text = readFileSync(path, 'utf8');
  const value: unknown = JSON.parse(text);
  // In JSON a text with a colon behind it is a name, and quotes stand around texts alone.
  const written = text.match(/"(?:[^"\\]|\\.)*"\s*:?/g)?.filter((token) => token.endsWith(':')).length ?? 0;
  if (written === namesIn(value)) return value;
  throw new Error(
    `${path} has a name twice in one object. Readers differ on which of the two counts, so nobody could say what would be deployed.`,
  );
}

function namesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const inner = Object.values(value).reduce((sum: number, item) => sum + namesIn(item), 0);
  return inner + (Array.isArray(value) ? 0 : Object.keys(value).length);
}
