/** Allowed mistakes (wrong, missing, extra or swapped letters): one per four letters of the name, at most three. */
const mistakes = (name: string) => Math.min(3, Math.floor(name.length / 4));

/** @returns the name that a misspelt one probably means; undefined if none is similar */
export function nearestName(name: string, names: Iterable<string>): string | undefined {
  const near = [...names]
    .map((other) => ({ other, distance: distanceOf(name.toLowerCase(), other.toLowerCase()) }))
    .filter(({ distance }) => distance <= mistakes(name));
  return near.sort((one, two) => one.distance - two.distance)[0]?.other;
}

/** Optimal string alignment distance: the fewest edits that turn one word into the other. */
function distanceOf(one: string, other: string): number {
  const rows: number[][] = [Array.from({ length: other.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number) => rows[row]?.[column] ?? 0;
  for (let row = 1; row <= one.length; row += 1) {
    rows[row] = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const same = one[row - 1] === other[column - 1] ? 0 : 1;
      const exchanged =
        row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      (rows[row] as number[])[column] = Math.min(
        at(row - 1, column) + 1,
        at(row, column - 1) + 1,
        at(row - 1, column - 1) + same,
        exchanged ? at(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
  }
  return at(one.length, other.length);
}
