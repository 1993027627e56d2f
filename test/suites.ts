import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sourceFiles } from './source-files.ts';

/** A suite: a file with tests that is not itself a test file, and the test files that run it. */
export interface Suite {
  readonly path: string;
  readonly runBy: readonly string[];
}

/**
 * Some tests share slow fixtures, such as a domain or a synthesis. They are split over files that one test file
 * imports, so vitest finds none of them by path.
 */
export function suites(files: readonly string[] = sourceFiles()): Suite[] {
  const modules = files.filter((path) => path.endsWith('.ts') && existsSync(path));
  const testFiles = modules.filter((path) => path.endsWith('.test.ts'));
  const reached = new Map(testFiles.map((path) => [path, importedBy(path)]));
  return modules
    .filter((path) => !path.endsWith('.test.ts') && hasTests(path))
    .map((path) => ({ path, runBy: testFiles.filter((file) => reached.get(file)?.has(path)) }));
}

/**
 * Extends a vitest pattern so that it also finds suites.
 *
 * @returns the pattern, and the test files that run the suites whose path contains it
 */
export function withSuites(pattern: string, known: readonly Suite[] = suites()): string[] {
  return [pattern, ...known.filter(({ path }) => path.includes(pattern)).flatMap(({ runBy }) => runBy)];
}

function hasTests(path: string): boolean {
  const text = readFileSync(path, 'utf8');
  return (
    /^import .*\b(test|describe)\b.* from '(vitest|.*-test\.ts)'/m.test(text) &&
    /^\s*(test|describe)\b[.(]/m.test(text)
  );
}

/** The direct and indirect imports of a file. */
function importedBy(path: string, seen = new Set<string>()): Set<string> {
  for (const [, specifier] of readFileSync(path, 'utf8').matchAll(
    /^(?:import|\} from|export .* from)[^'\n]*'(\.[^']+\.ts)'/gm,
  )) {
    const imported = join(dirname(path), specifier as string);
    if (seen.has(imported) || !existsSync(imported)) continue;
    seen.add(imported);
    importedBy(imported, seen);
  }
  return seen;
}
