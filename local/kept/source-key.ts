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
    const contents = readFileSync(join(root, path));
    hash.update(`\n${path} ${contents.length}\n`).update(contents);
  }
  return hash.digest('hex');
}

/** Paths from the root of a file, or of all files in a folder. */
function filesOf(root: string, path: string): string[] {
  if (noSource.test(path)) return [];
  const entries = readEntries(join(root, path));
  if (entries === undefined) return [path];
  return entries.flatMap((entry) => filesOf(root, `${path}/${basename(entry)}`));
}

/** @returns undefined for what is no folder */
function readEntries(path: string): string[] | undefined {
  try {
    return readdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw error;
  }
}
