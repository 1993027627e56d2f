import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/**
 * The folder below which the rehearsal keeps everything: `.state` of this clone, or, where other users may not look
 * into the clone (in root's home, say), a folder of its own in /var/tmp, because the services run as other users.
 */
export function stateRoot(): string {
  if (othersMayPass(repository)) return join(repository, '.state');
  const clone = createHash('sha256').update(repository).digest('hex').slice(0, 8);
  return join('/var/tmp', `ecs-windows-authentication-${clone}`);
}

/** True when every folder on the way down to the path lets any user pass (the x bit of "others"). */
function othersMayPass(path: string): boolean {
  if ((statSync(path).mode & 0o001) === 0) return false;
  return path === '/' || othersMayPass(dirname(path));
}
