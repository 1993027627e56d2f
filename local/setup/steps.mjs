import { spawn, spawnSync } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of this clone. */
export const repository = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Signals that ask a program to end. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** A problem that the user has to fix; only its message is shown. */
export class SetupError extends Error {}

/**
 * Refuses platforms that cannot run a domain, which needs Samba and Debian's packages.
 *
 * @param {string} platform as `process.platform`
 * @throws {SetupError} on anything but Linux, saying what works there
 */
export function refuseOtherPlatforms(platform) {
  if (platform === 'linux') return;
  throw new SetupError(
    `This starts a domain, which needs Debian 12, but this machine is ${platform}: open the clone in its dev container ` +
      '(.devcontainer). Without one, `npm run lint`, `test:unit`, `synth`, `release` and `bootstrap` work here.',
  );
}

/**
 * Runs one long step of the set-up. The terminal shows one line with the title and the elapsed time; the command's
 * output goes to a log file.
 *
 * @param {string} title
 * @param {string[]} command
 * @param {{ environment?: NodeJS.ProcessEnv, minutes?: number, remedy: string | ((log: string) => string) }} options
 *   minutes: time limit, default 10; remedy: advice for the user if the command fails; a function gets the end of the
 *   log
 * @throws {SetupError} if the command fails, with the end of the log and the remedy; if a signal arrived, once the
 *   command has ended
 */
export async function step(title, command, { environment = process.env, minutes = 10, remedy }) {
  const logFile = join(repository, '.state', 'logs', 'setup.log');
  mkdirSync(dirname(logFile), { recursive: true });
  const log = createWriteStream(logFile, { flags: 'a' });
  log.write(`\n=== ${new Date().toISOString()} ${title}\n`);

  const started = Date.now();
  const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;
  const terminal = process.stdout.isTTY;
  if (!terminal) console.log(`${title} …`);
  const progress = terminal && setInterval(() => process.stdout.write(`\r${title} … ${seconds()} `), 500);

  const child = spawn(command[0], command.slice(1), {
    cwd: repository,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  // After a signal, wait until the command has ended, so that it does not run alongside whatever is started next. The
  // terminal sends Ctrl-C (SIGINT) to the command itself.
  let signalled;
  const passOn = (signal) => {
    signalled ??= signal;
    if (signal !== 'SIGINT') child.kill(signal);
  };
  for (const signal of signals) process.on(signal, passOn);
  const limit = setTimeout(() => child.kill('SIGKILL'), minutes * 60_000);
  const code = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', resolve);
  });
  clearTimeout(limit);
  for (const signal of signals) process.off(signal, passOn);
  if (progress) clearInterval(progress);
  await new Promise((resolve) => log.end(resolve));

  if (signalled)
    throw new SetupError(`${title} was stopped by ${signalled}; the next npm script starts it again.`);
  if (code !== 0) {
    const tail = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-12).join('\n');
    const advice = typeof remedy === 'string' ? remedy : remedy(tail);
    throw new SetupError(`${title} failed. ${advice}\nThe end of ${logFile}:\n${tail}`);
  }
  console.log(`${terminal ? '\r' : ''}${title}: done in ${seconds()}`);
}

/**
 * Hands folders that a program created as root back to the user who ran it, who may want to read a log or delete the
 * clone. Call it after the program has ended, so that nothing still relies on the old owner.
 *
 * @param {string[]} folders below the clone
 */
export function giveBack(folders) {
  const [user, group] = [process.getuid?.(), process.getgid?.()];
  if (user === 0 || user === undefined) return;
  const made = folders.map((folder) => join(repository, folder)).filter((folder) => existsSync(folder));
  if (made.length > 0)
    spawnSync('sudo', ['chown', '--recursive', `${user}:${group}`, ...made], { stdio: 'ignore' });
}

/**
 * The command to run as root: unchanged if we are root, otherwise through sudo(8).
 *
 * @param {string[]} command
 * @param {NodeJS.ProcessEnv} [environment] provides PATH, which sudo would replace; other variables are not passed on
 * @throws {SetupError} when we are not root and there is no sudo
 */
export function withPrivileges(command, environment = process.env) {
  if (process.getuid?.() === 0) return command;
  if (spawnSync('sudo', ['--version'], { stdio: 'ignore' }).status !== 0) {
    throw new SetupError(
      'This needs root (Samba listens on port 88, the parts run as separate users) and sudo is not installed: run it as root.',
    );
  }
  return ['sudo', 'env', `PATH=${environment.PATH}`, ...command];
}
