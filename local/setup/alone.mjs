import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { repository } from './steps.mjs';

/** Milliseconds between two checks whether the other script is done. */
const interval = 300;

/**
 * Runs the set-up while no other npm script of this clone runs its own, because two installations at the same time
 * delete each other's files. If another script is setting up, says so in one line and waits. Does not wait for one that
 * was killed.
 *
 * @template T
 * @param {() => Promise<T>} action
 * @param {string} [file] the lock file
 * @returns {Promise<T>}
 */
export async function alone(action, file = join(repository, '.state', 'set-up.lock')) {
  const own = `${process.pid} ${startTime(process.pid)}`;
  mkdirSync(dirname(file), { recursive: true });
  for (let told = false; !take(file, own); ) {
    const holder = holderOf(file);
    if (holder === undefined) continue;
    if (isGone(holder)) removeLeft(file, holder);
    else {
      if (!told)
        console.log(
          `Waiting for another npm script (process ${holder.split(' ')[0]}) that is setting up this clone …`,
        );
      told = true;
      await pause(interval);
    }
  }
  const leave = () => rmSync(file, { force: true });
  process.on('exit', leave);
  try {
    return await action();
  } finally {
    leave();
    process.off('exit', leave);
  }
}

/** Creates the lock file by linking a complete file into place, so a lock that exists always names its holder. */
function take(file, own) {
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, own);
  try {
    linkSync(fresh, file);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(fresh, { force: true });
  }
}

function holderOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * Removes the lock of a script that was killed. If two scripts find it, the slower one may have moved away the new lock
 * of the faster one; then it puts that lock back.
 */
function removeLeft(file, holder) {
  const aside = `${file}.${process.pid}.left`;
  try {
    renameSync(file, aside);
    if (readFileSync(aside, 'utf8') !== holder) linkSync(aside, file);
  } catch {
    // Another script was faster.
  }
  rmSync(aside, { force: true });
}

function isGone(holder) {
  const [pid, started] = holder.split(' ');
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    return error.code === 'ESRCH';
  }
  // The process id may have been reused by another process.
  return startTime(pid) !== started;
}

/** When a process started, see proc(5). Without /proc, the process id alone identifies the process. */
function startTime(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return 'unknown';
  }
}
