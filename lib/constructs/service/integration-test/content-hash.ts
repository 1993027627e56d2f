import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A hash over the names and contents of all files in a folder, the same as in `buildspecs/integration-test.yml`: the
 * SHA-256 of the output of `sha256sum` for all files, in the byte order of their names.
 */
export function contentHash(directory: string): string {
  const lines = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => [`.${file.slice(directory.length)}`, file] as const)
    .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([name, file]) => `${createHash('sha256').update(readFileSync(file)).digest('hex')}  ${name}\n`);
  return createHash('sha256').update(lines.join('')).digest('hex');
}
