import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The part of a lock file's entry that is needed here. */
interface LockedPackage {
  readonly name?: string;
  readonly version?: string;
  readonly resolved?: string;
  /** True for a workspace, whose folder is `resolved`. */
  readonly link?: boolean;
  /** Whether it is bundled in another package rather than from the registry. */
  readonly inBundle?: boolean;
  readonly [member: string]: unknown;
}

/** The members that npm reads from a `package.json`. */
const members = [
  'version',
  'dependencies',
  'devDependencies',
  'optionalDependencies',
  'peerDependencies',
  'peerDependenciesMeta',
];

/**
 * Creates the folders of a project's locked packages as an installation would, but with only a `package.json` in each, for
 * npm commands that inspect installed packages. Includes the packages of every platform. Omits bundled packages: the
 * registry need not have published them, and the package that contains them is checked as a whole. The project's own
 * packages have no version, because no registry has them.
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
