import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** The inputs of the services' programs and templates. The lock file stands for the npm packages. */
const sources = [
  'accepted-findings.json',
  'base-images.json',
  'buildspecs',
  'lib',
  'package-lock.json',
  'package.json',
  'packages',
  'services',
  'tsconfig.json',
];
const noSource = /(^|\/)(node_modules|dist|test)(\/|$)|\.test\.ts$|\.md$/;

/** SHA-256 of this clone's sources and the Node.js version: the same key produces the same programs. */
export function sourceKey(root = repository): string {
  const hash = createHash('sha256').update(process.version);
  for (const path of sources.flatMap((source) => filesOf(root, source)).sort()) {
    // An editor's temporary files may have been deleted in the meantime, or be dangling links.
    const contents = readable(() => readFileSync(join(root, path)));
    if (contents !== undefined) hash.update(`\n${path} ${contents.length}\n`).update(contents);
  }
  return hash.digest('hex');
}

/** The given file, or all files in the given folder, as paths relative to the root. */
function filesOf(root: string, path: string): string[] {
  if (noSource.test(path)) return [];
  const entries = readable(() => readdirSync(join(root, path)));
  if (entries === undefined) return [path];
  return entries.flatMap((entry) => filesOf(root, `${path}/${basename(entry)}`));
}

/** @returns undefined if it is not a folder or does not exist */
function readable<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (['ENOTDIR', 'ENOENT'].includes(String((error as NodeJS.ErrnoException).code))) return undefined;
    throw error;
  }
}
