import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** An entry of a lock file, as far as it matters here. */
interface LockedPackage {
  readonly name?: string;
  readonly version?: string;
  readonly resolved?: string;
  /** A workspace: `resolved` is its folder. */
  readonly link?: boolean;
  /** Came within another package, not from the registry. */
  readonly inBundle?: boolean;
  readonly [member: string]: unknown;
}

/** What npm reads of a package's own file. */
const members = [
  'version',
  'dependencies',
  'devDependencies',
  'optionalDependencies',
  'peerDependencies',
  'peerDependenciesMeta',
];

/**
 * Lays the packages that a project's lock file names into a folder, as an installation would, but of each its own
 * `package.json` alone: for commands of npm that look at what is installed. Those of every platform are there. Packages
 * that came within others are not: the registry need not have published them, and what they came in is checked whole.
 * The project's own have no version, as no registry has them.
 *
 * @see https://docs.npmjs.com/cli/configuring-npm/package-lock-json
 */
export function layPackages(project: string, directory: string): void {
  const { packages } = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8')) as {
    packages: Readonly<Record<string, LockedPackage>>;
  };
  if (existsSync(join(project, '.npmrc'))) copyFileSync(join(project, '.npmrc'), join(directory, '.npmrc'));
  const workspaces = new Map(
    Object.entries(packages).flatMap(([path, { link, resolved }]) =>
      link && resolved ? [[resolved, path] as const] : [],
    ),
  );
  for (const [path, entry] of Object.entries(packages)) {
    if (entry.inBundle || entry.link) continue;
    const [workspace = ''] = /^.*?(?=\/?node_modules\/|$)/.exec(path) ?? [];
    const folder = join(directory, `${workspaces.get(workspace) ?? ''}${path.slice(workspace.length)}`);
    const name = entry.name ?? path.split('node_modules/').at(-1);
    const own = Object.fromEntries(members.filter((key) => key in entry).map((key) => [key, entry[key]]));
    if (path === workspace) delete own.version;
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, ...own }));
  }
}
