import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/**
 * The folder for all files of the rehearsal: `.state` of this clone or, if other users cannot access the clone (for
 * example in root's home), a folder in /var/lib, because the services run as other users.
 *
 * @throws Error when that folder belongs to another user, whose files in it could make root act for that user
 */
export function stateRoot(): string {
  if (othersMayPass(repository)) return join(repository, '.state');
  const clone = createHash('sha256').update(repository).digest('hex').slice(0, 8);
  return ownFolder(join('/var/lib', `ecs-windows-authentication-${clone}`));
}

/** Creates a folder that others may pass through but not list or write to; accepts an existing one if it is ours. */
export function ownFolder(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o711 });
  const { uid, mode } = lstatSync(path);
  if (!lstatSync(path).isDirectory() || uid !== process.getuid?.()) {
    throw new Error(
      `${path} belongs to another user, or is not a folder: check what is in it, then remove it.`,
    );
  }
  if ((mode & 0o077) !== 0o011) chmodSync(path, 0o711);
  return path;
}

/** Whether any user may pass through every folder on the path (the x bit for "others"). */
function othersMayPass(path: string): boolean {
  if ((statSync(path).mode & 0o001) === 0) return false;
  return path === '/' || othersMayPass(dirname(path));
}
