import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository, SetupError, step } from './steps.mjs';

const modules = join(repository, 'node_modules');
const stamp = join(modules, '.set-up-for');

/**
 * The Node.js that the project runs on: the one pinned in package.json, which npm brings as a package, so that the
 * machine's own may be older.
 *
 * @throws {SetupError} on an architecture that has none
 */
export function projectNode() {
  const path = join(nodePackage(), 'bin', 'node');
  if (!existsSync(path)) {
    throw new SetupError(`There is no Node.js for linux-${process.arch} in node_modules: use x64 or arm64.`);
  }
  return path;
}

/** Installs what package-lock.json names, unless that was done for this very lock file. */
export async function ensureNodeModules() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(repository, 'package-lock.json')))
    .digest('hex');
  if (
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === wanted &&
    existsSync(join(nodePackage(), 'bin', 'node'))
  ) {
    return;
  }
  // No install scripts: the one that is needed is run below, on its own.
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  await step('Installing npm packages', ['npm', existsSync(modules) ? 'install' : 'ci', ...flags], {
    remedy: 'Is the npm registry reachable?',
  });
  writeFileSync(stamp, wanted);
}

/**
 * Builds the native part of npm's `kerberos` against this machine's libkrb5. The headers of Node.js come with the
 * package that brings Node.js, so nothing is downloaded.
 */
export async function ensureKerberosAddon() {
  if (existsSync(join(modules, 'kerberos', 'build', 'Release', 'kerberos.node'))) return;
  await step('Building the Kerberos addon', ['npm', 'rebuild', 'kerberos', '--foreground-scripts'], {
    environment: {
      ...process.env,
      npm_config_ignore_scripts: 'false',
      npm_config_build_from_source: 'true',
      npm_config_nodedir: nodePackage(),
    },
    remedy: 'It needs python3, make, g++ and libkrb5-dev.',
  });
}

function nodePackage() {
  return join(modules, `node-linux-${process.arch}`);
}
