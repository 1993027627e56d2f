// Runs before npm has installed anything, and on an unapproved source, so this file depends only on Node.js.
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
 * Refuses workspaces whose name differs from the lock file's. npm links a workspace in place of a package with the same name
 * and version, even if the lock file says otherwise. The manifest of another service, which is not an input of an image,
 * could thus change the programs that build the image without changing its key. Therefore each workspace must have the
 * name that the lock file, which is an input of all images, has for its folder.
 *
 * @param source the root of the unchanged source
 * @throws Error naming a manifest with another name
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
      `${manifest} has the name ${JSON.stringify(name)}, but package-lock.json has another name for ${folder}, or none: npm could use the folder in place of a package of that name, in builds of images whose key does not cover it. Give it the name in the lock file, or update the lock file with "npm install --ignore-scripts".`,
    );
  }
}
