import { readFileSync, statSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { SetupError } from './steps.mjs';

/**
 * The process that holds a lock on a file.
 *
 * @param {string} file
 * @param {string} [locks] the content of `/proc/locks`, see proc_locks(5); default: this machine's
 * @returns {number | undefined} its id; undefined if no process holds one, or this machine does not say
 */
export function lockHolder(file, locks = readIfThere('/proc/locks')) {
  const inode = statSync(file, { throwIfNoEntry: false })?.ino;
  if (inode === undefined) return undefined;
  for (const line of locks.split('\n')) {
    const [, , , access, pid, place = ''] = line.trim().split(/\s+/);
    // A line that waits for a lock has an arrow in the second column, so its place is elsewhere.
    if (access === 'WRITE' && place.split(':')[2] === String(inode)) return Number(pid);
  }
  return undefined;
}

/**
 * Waits until no process holds a lock on a file, such as the one that apt-get(8) takes on the package lists. Debian's own
 * timers run it after a boot.
 *
 * @param {string} file
 * @param {{ minutes?: number }} [options] default: 10
 * @throws {SetupError} naming the process that still holds it
 */
export async function awaitUnlocked(file, { minutes = 10 } = {}) {
  const until = Date.now() + minutes * 60_000;
  let reported = false;
  for (let holder = lockHolder(file); holder !== undefined; holder = lockHolder(file)) {
    const name = readIfThere(`/proc/${holder}/comm`).trim() || 'a program';
    if (Date.now() > until) {
      throw new SetupError(
        `${name} (process ${holder}) has locked ${file} for ${minutes} minutes: wait until it has ended, or end it, ` +
          'and run this again.',
      );
    }
    if (!reported) console.log(`Waiting for ${name} (process ${holder}), which has locked ${file} …`);
    reported = true;
    await pause(500);
  }
}

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
