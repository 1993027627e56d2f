// Before npm has installed anything, and beside a source that nobody has approved: this file needs nothing but Node.js.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

interface Manifest {
  readonly name?: unknown;
  readonly workspaces?: readonly string[] | { readonly packages?: readonly string[] };
}
interface Lock {
  readonly packages?: Readonly<Record<string, { readonly link?: boolean; readonly resolved?: string }>>;
}

/**
 * npm puts a workspace in the place of a package that has its name and version, with the lock file as it is. The manifest of
 * another service, which is no input of an image, would so change the programs that build the image, and not its key. Hence
 * a workspace must have the name by which the lock file, an input of all images, knows its folder.
 *
 * @param source the root of the source, as it came
 * @throws Error that names the manifest, when one has another name
 */
export function refuseStandIns(source: string): void {
  if (!existsSync(join(source, 'package.json'))) return;
  const read = <Content>(path: string): Content => {
    try {
      return JSON.parse(readFileSync(join(source, path), 'utf8'));
    } catch (error) {
      throw new Error(`${path} cannot be read: ${(error as Error).message}. npm needs it.`);
    }
  };
  const { workspaces = [] } = read<Manifest>('package.json');
  const patterns = 'packages' in workspaces ? (workspaces.packages ?? []) : (workspaces as readonly string[]);
  if (patterns.length === 0) return;
  const { packages = {} } = read<Lock>('package-lock.json');
  const manifests = patterns.flatMap((pattern) =>
    globSync(posix.normalize(`${pattern}/package.json`), { cwd: source }),
  );
  for (const manifest of manifests) {
    const { name } = read<Manifest>(manifest);
    const folder = posix.dirname(manifest);
    const known = typeof name === 'string' ? packages[`node_modules/${name}`] : undefined;
    if (known?.link === true && known.resolved === folder) continue;
    throw new Error(
      `${manifest} has the name ${JSON.stringify(name)}, but package-lock.json does not know ${folder} by it: npm would put the folder in the place of a package of that name, in builds of images whose key it is not in. Give it the name that the lock file has, or let "npm install --ignore-scripts" write the lock file.`,
    );
  }
}
