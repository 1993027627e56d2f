import { readFileSync } from 'node:fs';

const declaration =
  /^export (?:declare )?(?:default )?(?:async )?(?:abstract )?(const|let|function\*?|class|interface|type|enum) ([A-Za-z_$][\w$]*)/gm;

/**
 * Exports that no other file names, as `path: name`. A type may be exported for the sake of what is exported with it, so it
 * counts only if its own file does not use it either. By words, not by imports: a name that is used elsewhere for something
 * else hides an unused one, but none is found wrongly.
 *
 * @param read the text of a file
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
