import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/**
 * The folder below which the rehearsal keeps everything: `.state` of this clone, or, where other users may not look
 * into the clone (in root's home, say), a folder of its own in /var/lib, because the services run as other users.
 *
 * @throws Error when that folder is another user's: what is in it could make root do that user's will
 */
export function stateRoot(): string {
  if (othersMayPass(repository)) return join(repository, '.state');
  const clone = createHash('sha256').update(repository).digest('hex').slice(0, 8);
  return ownFolder(join('/var/lib', `ecs-windows-authentication-${clone}`));
}

/** Makes a folder that others may pass through, but not list or write to; or takes the one that is there, if it is ours. */
export function ownFolder(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o711 });
  const { uid, mode } = lstatSync(path);
  if (!lstatSync(path).isDirectory() || uid !== process.getuid?.()) {
    throw new Error(
      `${path} belongs to another user, or is no folder: remove it, after a look at what is in it.`,
    );
  }
  if ((mode & 0o077) !== 0o011) chmodSync(path, 0o711);
  return path;
}

/** True when every folder on the way down to the path lets any user pass (the x bit of "others"). */
function othersMayPass(path: string): boolean {
  if ((statSync(path).mode & 0o001) === 0) return false;
  return path === '/' || othersMayPass(dirname(path));
}
