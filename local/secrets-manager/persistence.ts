import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Secret } from './secret.ts';

/** Reads what `keepSecrets` wrote; if the file does not exist, there are no secrets. */
export function keptSecrets(file: string): Secret[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Secret[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new Error(
      `The secrets kept in ${file} cannot be read: delete that file to start without secrets.`,
      {
        cause: error,
      },
    );
  }
}

/** Writes all secrets to a file that only its owner can read. */
export function keepSecrets(file: string, secrets: readonly Secret[]): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.new`, JSON.stringify(secrets), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
