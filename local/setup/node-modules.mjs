import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
  if (isSetUp(wanted, existsSync(stamp) ? readFileSync(stamp, 'utf8') : undefined)) return;
  // No install scripts: the one that is needed is run below, on its own.
  const flags = [
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    '--include=dev',
    '--include=optional',
  ];
  await step('Installing npm packages', ['npm', existsSync(modules) ? 'install' : 'ci', ...flags], {
    environment: cleanEnvironment(process.env),
    remedy: 'Is the npm registry reachable?',
  });
  writeFileSync(stamp, wanted);
}

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
  if (existsSync(join(modules, 'kerberos', 'build', 'Release', 'kerberos.node'))) return;
  await step('Building the Kerberos addon', ['npm', 'rebuild', 'kerberos', '--foreground-scripts'], {
    environment: {
      ...cleanEnvironment(process.env),
      npm_config_ignore_scripts: 'false',
      npm_config_build_from_source: 'true',
      npm_config_nodedir: nodePackage(thisMachine),
    },
    remedy: 'It needs python3, make, g++ and libkrb5-dev.',
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
