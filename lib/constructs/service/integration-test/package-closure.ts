import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/**
 * The directories of installed npm packages and of all their dependencies.
 *
 * @param names the packages to start with, installed in the `node_modules` of `root`
 * @throws Error when a required package is not installed
 */
export function packageClosure(root: string, names: readonly string[]): string[] {
  const found = new Set<string>();
  const waiting = names.map((name) => ({ name, from: root, needed: true }));
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const directory = locate(next.name, next.from, root);
    if (!directory) {
      if (next.needed)
        throw new Error(`${next.name}, needed by ${next.from}, is not installed: run npm install.`);
      continue;
    }
    if (found.has(directory)) continue;
    found.add(directory);
    for (const [name, needed] of dependencies(directory)) waiting.push({ name, from: directory, needed });
  }
  return [...found].sort();
}

function dependencies(directory: string): [string, boolean][] {
  const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Manifest;
  const {
    dependencies = {},
    optionalDependencies = {},
    peerDependencies = {},
    peerDependenciesMeta = {},
  } = manifest;
  const needed = [
    ...Object.keys(dependencies).filter((name) => !(name in optionalDependencies)),
    ...Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional),
  ];
  return [
    ...needed.map((name): [string, boolean] => [name, true]),
    ...Object.keys(optionalDependencies).map((name): [string, boolean] => [name, false]),
  ];
}

/** Finds a package as Node.js does: in `node_modules` next to the importer, then in each parent folder up to the root. */
function locate(name: string, from: string, root: string): string | undefined {
  for (let at = from; at.startsWith(root); at = dirname(at)) {
    const directory = join(at, 'node_modules', name);
    if (existsSync(join(directory, 'package.json'))) return directory;
  }
  return undefined;
}
