import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** What the programs of the services and their templates are made of; packages of npm by the lock file. */
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

/** SHA-256 over the sources of this clone and the version of Node.js: what has the same key makes the same programs. */
export function sourceKey(root = repository): string {
  const hash = createHash('sha256').update(process.version);
  for (const path of sources.flatMap((source) => filesOf(root, source)).sort()) {
    // What an editor has made beside it may have gone meanwhile, or be a link to nowhere.
    const contents = readable(() => readFileSync(join(root, path)));
    if (contents !== undefined) hash.update(`\n${path} ${contents.length}\n`).update(contents);
  }
  return hash.digest('hex');
}

/** Paths from the root of a file, or of all files in a folder. */
function filesOf(root: string, path: string): string[] {
  if (noSource.test(path)) return [];
  const entries = readable(() => readdirSync(join(root, path)));
  if (entries === undefined) return [path];
  return entries.flatMap((entry) => filesOf(root, `${path}/${basename(entry)}`));
}

/** @returns undefined for what is no folder, or not there */
function readable<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (['ENOTDIR', 'ENOENT'].includes(String((error as NodeJS.ErrnoException).code))) return undefined;
    throw error;
  }
}
