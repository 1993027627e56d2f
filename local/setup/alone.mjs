import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { repository } from './steps.mjs';

/** Milliseconds between two looks at whether the other one is done. */
const interval = 300;

/**
 * Sets up while no other npm script of this clone does, as two installations at once take each other's files away. Waits for
 * one that is at work, with a line that says so; one that was killed is not waited for.
 *
 * @template T
 * @param {() => Promise<T>} action
 * @param {string} [file] what stands for the right to do it
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
      if (!told) console.log(`Another npm script sets up this clone (process ${holder.split(' ')[0]}) …`);
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

/** Linked into its place with all that it says: a file that is there always names whose it is. */
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

/** Where two find it left, the slower one may have taken away what the faster one put there: it puts that back. */
function removeLeft(file, holder) {
  const aside = `${file}.${process.pid}.left`;
  try {
    renameSync(file, aside);
    if (readFileSync(aside, 'utf8') !== holder) linkSync(aside, file);
  } catch {
    // Another one was faster.
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
  // Its process id may be another's by now.
  return startTime(pid) !== started;
}

/** When a process started, by proc(5); where there is none, its process id must do. */
function startTime(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return 'unknown';
  }
}
