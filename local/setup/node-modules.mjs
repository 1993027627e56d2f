import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alone } from './alone.mjs';
import { repository, SetupError, step } from './steps.mjs';
import { cleanEnvironment } from './surroundings.mjs';

const modules = join(repository, 'node_modules');
const stamp = join(modules, '.set-up-for');

/** The first version of Node.js that runs TypeScript as this project has it. */
const newEnough = 24;

/**
 * @typedef {object} Machine
 * @property {string} platform as `process.platform`
 * @property {string} arch as `process.arch`
 * @property {string} version of the Node.js that runs now, as `process.versions.node`
 * @property {string} execPath of the Node.js that runs now
 * @property {string} modules folder that npm installs into
 */

/** @type {Machine} */
const thisMachine = {
  platform: process.platform,
  arch: process.arch,
  version: process.versions.node,
  execPath: process.execPath,
  modules,
};

/**
 * The Node.js that a program runs on. The machine's own if it is new enough, so that no platform is shut out; otherwise
 * the one pinned in package.json, which npm brings as a package for Linux. What runs as root takes the pinned one first:
 * the rehearsal's tasks are other users, and the machine's own may lie in a home directory that is closed to them.
 *
 * @param {{ root?: boolean }} [purpose]
 * @param {Machine} [machine]
 * @throws {SetupError} when the machine's own is too old and npm brings none for it
 */
export function projectNode({ root = false } = {}, machine = thisMachine) {
  if (root && hasPackage(machine)) return packagedNode(machine);
  if (isNewEnough(machine)) return machine.execPath;
  if (hasPackage(machine)) return packagedNode(machine);
  const { platform, arch, version } = machine;
  throw new SetupError(
    `This project needs Node.js ${newEnough} or newer, and this is ${version} for ${platform}-${arch}. ` +
      `Install a newer one from https://nodejs.org (npm brings one for linux-x64 and linux-arm64 only).`,
  );
}

/**
 * A folder with nothing in it but `node`, for the front of PATH: the tools in node_modules/.bin are started by that name,
 * and a folder with other programs would come before theirs.
 *
 * @param {string} node
 */
export function folderOf(node) {
  const folder = join(repository, '.state', 'bin');
  mkdirSync(folder, { recursive: true });
  const link = join(folder, 'node');
  // Renamed into its place, as another script may be starting its tools just now.
  const fresh = `${link}.${process.pid}`;
  rmSync(fresh, { force: true });
  symlinkSync(node, fresh);
  renameSync(fresh, link);
  return folder;
}

/** Installs what package-lock.json names, unless that was done for this very lock file. */
export async function ensureNodeModules() {
  // Before anything is downloaded: a Node.js that is too old is no better afterwards.
  if (!isNewEnough(thisMachine) && !canHavePackage(thisMachine)) projectNode({});
  const wanted = createHash('sha256')
    .update(readFileSync(join(repository, 'package-lock.json')))
    .digest('hex');
  const isThere = () => isSetUp(wanted, existsSync(stamp) ? readFileSync(stamp, 'utf8') : undefined);
  if (isThere()) return;
  await alone(async () => {
    if (isThere()) return;
    await install();
    writeFileSync(stamp, wanted);
  });
}

/**
 * Installs as the project needs it, whatever a user's own .npmrc says: no setting of npm's may leave a package out, or put
 * it elsewhere. No install scripts: the one that is needed is run on its own.
 */
export const npmSettings = [
  ...['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--no-json'],
  ...['--include=dev', '--include=optional', '--workspaces', '--include-workspace-root'],
  ...['--no-dry-run', '--package-lock', '--no-package-lock-only', '--bin-links'],
  ...['--no-global', '--location=user', '--install-strategy=hoisted'],
  ...[`--os=${process.platform}`, `--cpu=${process.arch}`],
];

async function install() {
  // npm writes it when it has installed all: without it, an installation was ended on its way, of which half a package may
  // be left that npm would take for a whole one.
  const whole = join(modules, '.package-lock.json');
  const command = existsSync(whole) ? 'install' : 'ci';
  rmSync(stamp, { force: true });
  rmSync(whole, { force: true });
  await step('Installing npm packages', ['npm', command, ...npmSettings], {
    environment: cleanEnvironment(process.env),
    remedy: whatNpmMeans,
  });
  const missing = notInstalled(JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')), modules);
  if (missing.length === 0) return;
  throw new SetupError(
    `npm has installed all but ${missing.join(', ')}: one of your settings of npm keeps it from that. ` +
      '`npm config list` shows them, and in which file they are.',
  );
}

/**
 * The packages that a package.json asks for and that are not there, and the folder of their programs.
 *
 * @param {{ devDependencies: Record<string, string> }} wanted
 * @param {string} folder that npm installs into
 * @returns {string[]}
 */
export function notInstalled({ devDependencies }, folder) {
  return ['.bin', ...Object.keys(devDependencies)].filter((name) => !existsSync(join(folder, name)));
}

/**
 * What a person can do about npm's failure.
 *
 * @param {string} log the end of what it printed
 */
export function whatNpmMeans(log) {
  const [, remedy] = meanings.find(([pattern]) => pattern.test(log)) ?? [];
  return remedy ?? 'npm says why:';
}

/** @type {[RegExp, string][]} */
const meanings = [
  [/\bENOTCACHED\b/, 'npm is set to work offline: take `offline` out of its settings (`npm config list`).'],
  [
    /\b(ENOTFOUND|EAI_AGAIN|ECONN(REFUSED|RESET|ABORTED)|E\w*TIMEDOUT|ERR_SOCKET_TIMEOUT|E(HOST|NET)UNREACH)\b/,
    'Is the npm registry reachable?',
  ],
  [
    /\b(SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|CERT_)/,
    'The npm registry, or a proxy before it, shows a certificate that Node.js does not trust: name the file of its authority in NODE_EXTRA_CA_CERTS.',
  ],
  [/\b(ENOSPC|EDQUOT)\b/, 'There is no room for them: make some where the clone is, and in your home.'],
  [
    /\b(EACCES|EPERM|EROFS)\b/,
    'npm may not write where it has to: the clone, and the folder `npm config get cache`, must be yours.',
  ],
  [/\bE(NOAUTH|NEEDAUTH|40[13])\b/, 'The npm registry lets you not in: `npm login`.'],
  [/with a date before/, 'Your npm takes no packages as young as these (`before` or `min-release-age`).'],
];

/**
 * Whether node_modules is what the lock file asks for. The package with Node.js must be there only where it is used:
 * npm has none for other platforms than Linux.
 *
 * @param {string} wanted hash of the lock file
 * @param {string | undefined} found hash of the lock file that the last installation was made for
 * @param {Machine} [machine]
 */
export function isSetUp(wanted, found, machine = thisMachine) {
  return found === wanted && (isNewEnough(machine) || hasPackage(machine));
}

/**
 * Builds the native part of npm's `kerberos` against this machine's libkrb5. The headers of Node.js come with the
 * package that brings Node.js, so nothing is downloaded.
 */
export async function ensureKerberosAddon() {
  const isBuilt = () => existsSync(join(modules, 'kerberos', 'build', 'Release', 'kerberos.node'));
  if (isBuilt()) return;
  await alone(async () => {
    if (isBuilt()) return;
    const words = ['npm', 'rebuild', 'kerberos', '--foreground-scripts', '--no-global', '--no-dry-run'];
    await step('Building the Kerberos addon', words, {
      environment: {
        ...cleanEnvironment(process.env),
        npm_config_ignore_scripts: 'false',
        npm_config_build_from_source: 'true',
        npm_config_nodedir: nodePackage(thisMachine),
      },
      remedy: 'It needs python3, make, g++ and libkrb5-dev.',
    });
  });
}

function isNewEnough({ version }) {
  return Number.parseInt(version, 10) >= newEnough;
}

function canHavePackage({ platform, arch }) {
  return platform === 'linux' && ['x64', 'arm64'].includes(arch);
}

function hasPackage(machine) {
  return canHavePackage(machine) && existsSync(packagedNode(machine));
}

function packagedNode(machine) {
  return join(nodePackage(machine), 'bin', 'node');
}

function nodePackage({ modules, arch }) {
  return join(modules, `node-linux-${arch}`);
}
