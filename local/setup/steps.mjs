import { spawn, spawnSync } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of this clone. */
export const repository = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** What asks a program to end. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Something a person has to mend; its message is all that is shown. */
export class SetupError extends Error {}

/**
 * What needs a domain needs Samba and the names of Debian's packages.
 *
 * @param {string} platform as `process.platform`
 * @throws {SetupError} elsewhere than on Linux, with what works there
 */
export function refuseOtherPlatforms(platform) {
  if (platform === 'linux') return;
  throw new SetupError(
    `This starts a domain, which needs Debian 12, and this machine is ${platform}: open the clone in its dev container ` +
      '(.devcontainer). Without one, `npm run lint`, `test:unit`, `synth`, `release` and `bootstrap` work here.',
  );
}

/**
 * Runs one long step of the set-up: a line that says what is going on and how long it has taken, everything the
 * command prints in a log file.
 *
 * @param {string} title
 * @param {string[]} command
 * @param {{ environment?: NodeJS.ProcessEnv, minutes?: number, remedy: string | ((log: string) => string) }} options
 *   minutes: time limit, default 10; remedy: also by the end of what the command printed
 * @throws {SetupError} with the end of the log and the remedy; when it was ended by a signal, once the command has ended
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
  // What is at work must not go on beside what is started next. A terminal sends Ctrl-C to the command as well.
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
    throw new SetupError(`${title} was ended by ${signalled}: the next npm script begins it anew.`);
  if (code !== 0) {
    const tail = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-12).join('\n');
    const advice = typeof remedy === 'string' ? remedy : remedy(tail);
    throw new SetupError(`${title} failed. ${advice}\nThe end of ${logFile}:\n${tail}`);
  }
  console.log(`${terminal ? '\r' : ''}${title}: done in ${seconds()}`);
}

/**
 * What a program made in this clone as root belongs to the user who ran it, who may want to read a log, or to delete the
 * clone. Nothing runs any more that would mind.
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
 * The command as root: itself when we are root, through sudo(8) otherwise.
 *
 * @param {string[]} command
 * @param {NodeJS.ProcessEnv} [environment] variables that sudo must not drop: PATH only
 * @throws {SetupError} when we are not root and there is no sudo
 */
export function withPrivileges(command, environment = process.env) {
  if (process.getuid?.() === 0) return command;
  if (spawnSync('sudo', ['--version'], { stdio: 'ignore' }).status !== 0) {
    throw new SetupError(
      'This needs root (Samba listens on port 88, the parts run as separate users) and there is no sudo: run it as root.',
    );
  }
  return ['sudo', 'env', `PATH=${environment.PATH}`, ...command];
}
