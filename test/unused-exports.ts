import { readFileSync } from 'node:fs';

const declaration =
  /^export (?:declare )?(?:default )?(?:async )?(?:abstract )?(const|let|function\*?|class|interface|type|enum) ([A-Za-z_$][\w$]*)/gm;

/**
 * Exports that no other file mentions, as `path: name`. A type may be exported together with a value that uses it, so a
 * type counts only if its own file does not use it either. Compares words, not imports, so an unrelated use of the same
 * name hides an unused export, but there are no false reports.
 *
 * @param read returns the text of a file
 */
export function unusedExports(
  paths: readonly string[],
  read: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): string[] {
  const texts = paths.map((path) => [path, read(path)] as const);
  const naming = new Map<string, number>();
  for (const [, text] of texts) {
    for (const word of new Set(text.match(/[A-Za-z_$][\w$]*/g))) {
      naming.set(word, (naming.get(word) ?? 0) + 1);
    }
  }
  return texts.flatMap(([path, text]) =>
    [...text.matchAll(declaration)]
      .filter(([, kind = '', name = '']) => {
        const uses = text.match(new RegExp(`\\b${name}\\b`, 'g'))?.length ?? 0;
        return naming.get(name) === 1 && (uses === 1 || !/interface|type/.test(kind));
      })
      .map(([, , name]) => `${path}: ${name}`),
  );
}
