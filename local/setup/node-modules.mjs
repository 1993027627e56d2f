import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alone } from './alone.mjs';
import { repository, SetupError, step } from './steps.mjs';
import { cleanEnvironment } from './surroundings.mjs';

const modules = join(repository, 'node_modules');
const stamp = join(modules, '.set-up-for');

/** The first version of Node.js that runs this project's TypeScript. */
const newEnough = 24;

/**
 * @typedef {object} Machine
 * @property {string} platform as `process.platform`
 * @property {string} arch as `process.arch`
 * @property {string} version of the running Node.js, as `process.versions.node`
 * @property {string} execPath of the running Node.js
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
 * Returns the Node.js to run a program with: the machine's own if it is new enough, which works on any platform,
 * otherwise the one pinned in package.json, which npm provides for Linux only. Programs that run as root prefer the
 * pinned one, because the rehearsal's tasks run as other users and the machine's own may be in a home directory that
 * they cannot enter.
 *
 * @param {{ root?: boolean }} [purpose]
 * @param {Machine} [machine]
 * @throws {SetupError} when the machine's own is too old and npm provides none for this platform
 */
export function projectNode({ root = false } = {}, machine = thisMachine) {
  if (root && hasPackage(machine)) return packagedNode(machine);
  if (isNewEnough(machine)) return machine.execPath;
  if (hasPackage(machine)) return packagedNode(machine);
  const { platform, arch, version } = machine;
  throw new SetupError(
    `This project needs Node.js ${newEnough} or newer, but this is ${version} for ${platform}-${arch}. ` +
      `Install a newer one from https://nodejs.org (npm provides one for linux-x64 and linux-arm64 only).`,
  );
}

/**
 * Returns a folder to put at the front of PATH that contains `node` and no other program: the tools in
 * node_modules/.bin start `node` by name, and other programs in that folder would take precedence over theirs.
 *
 * @param {string} node
 */
export function folderOf(node) {
  const folder = join(repository, '.state', 'bin');
  mkdirSync(folder, { recursive: true });
  const link = join(folder, 'node');
  // Replaced atomically by a rename, because another script may be starting its tools at this moment.
  const fresh = `${link}.${process.pid}`;
  rmSync(fresh, { force: true });
  symlinkSync(node, fresh);
  renameSync(fresh, link);
  return folder;
}

/** Installs what package-lock.json lists, unless the last installation was for this same lock file. */
export async function ensureNodeModules() {
  // Fail before anything is downloaded: with a Node.js that is too old, the download would be in vain.
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
 * The options of `npm install`. They override any setting in the user's own .npmrc that would leave a package out or
 * install it elsewhere. Install scripts are off; the one that is needed is run separately.
 */
export const npmSettings = [
  ...['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--no-json'],
  ...['--include=dev', '--include=optional', '--workspaces', '--include-workspace-root'],
  ...['--no-dry-run', '--package-lock', '--no-package-lock-only', '--bin-links'],
  ...['--no-global', '--location=user', '--install-strategy=hoisted'],
  ...[`--os=${process.platform}`, `--cpu=${process.arch}`],
];

async function install() {
  // npm writes this file at the end of an installation. If it is missing, the last installation was interrupted and may
  // have left an incomplete package, which `npm install` would take for a complete one.
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
    `npm did not install ${missing.join(', ')}: one of your npm settings prevents it. ` +
      '`npm config list` shows the settings and the files they come from.',
  );
}

/**
 * Returns the packages that a package.json requires and that are missing, and `.bin` if the folder of their programs is
 * missing.
 *
 * @param {{ devDependencies: Record<string, string> }} wanted
 * @param {string} folder that npm installs into
 * @returns {string[]}
 */
export function notInstalled({ devDependencies }, folder) {
  return ['.bin', ...Object.keys(devDependencies)].filter((name) => !existsSync(join(folder, name)));
}

/**
 * Advice for a user whose npm command failed.
 *
 * @param {string} log the end of npm's output
 */
export function whatNpmMeans(log) {
  const [, remedy] = meanings.find(([pattern]) => pattern.test(log)) ?? [];
  return remedy ?? 'npm says why:';
}

/** @type {[RegExp, string][]} */
const meanings = [
  [
    /\bENOTCACHED\b/,
    'npm is configured to work offline: remove `offline` from its settings (`npm config list`).',
  ],
  [
    /\b(ENOTFOUND|EAI_AGAIN|ECONN(REFUSED|RESET|ABORTED)|E\w*TIMEDOUT|ERR_SOCKET_TIMEOUT|E(HOST|NET)UNREACH)\b/,
    'Is the npm registry reachable?',
  ],
  [
    /\b(SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|CERT_)/,
    'The npm registry, or a proxy in front of it, presents a certificate that Node.js does not trust: set NODE_EXTRA_CA_CERTS to the file with its CA certificate.',
  ],
  [
    /\b(ENOSPC|EDQUOT)\b/,
    'There is no room left: free some space where the clone is, and in your home directory.',
  ],
  [
    /\b(EACCES|EPERM|EROFS)\b/,
    'npm is not allowed to write its files: the clone, and the folder that `npm config get cache` prints, must be yours.',
  ],
  [/\bE(NOAUTH|NEEDAUTH|40[13])\b/, 'The npm registry refuses your credentials: run `npm login`.'],
  [
    /with a date before/,
    'Your npm settings (`before` or `min-release-age`) exclude packages as recent as these.',
  ],
];

/**
 * Whether node_modules matches the lock file. The package with Node.js is required only where the machine's own is too
 * old, because npm provides it for Linux only.
 *
 * @param {string} wanted hash of the lock file
 * @param {string | undefined} found hash of the lock file that the last installation was for
 * @param {Machine} [machine]
 */
export function isSetUp(wanted, found, machine = thisMachine) {
  return found === wanted && (isNewEnough(machine) || hasPackage(machine));
}

/**
 * Builds the native part of npm's `kerberos` package against this machine's libkrb5. The Node.js headers are in the
 * package that provides Node.js, so nothing is downloaded.
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
