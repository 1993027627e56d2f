import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { awaitUnlocked } from './file-lock.mjs';
import { SetupError, step, withPrivileges } from './steps.mjs';

/** Services that some packages enable at every boot of the machine; the project runs its own instances. */
const services = ['samba-ad-dc', 'smbd', 'nmbd', 'winbind', 'haproxy', 'krb5-kdc', 'krb5-admin-server'];
const packageLists = '/var/lib/apt/lists/lock';
const policyFile = '/usr/sbin/policy-rc.d';

/**
 * Installs the missing Debian packages of some groups in debian-packages.json.
 *
 * @param {string[]} groups
 * @throws {SetupError} when this is not a Debian machine, or a package cannot be installed
 */
export async function ensureDebianPackages(groups) {
  const missing = missingPackages(groups);
  if (missing.length === 0) return;
  if (spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status !== 0) {
    throw new SetupError(
      `These Debian packages are missing and there is no apt-get to install them: ${missing.join(', ')}. ` +
        'Use a Debian 12 machine, or open the clone in its dev container (.devcontainer). Without them, ' +
        '`npm run lint`, `test:unit`, `synth`, `release` and `bootstrap` work here.',
    );
  }
  const apt = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', '-o', 'DPkg::Lock::Timeout=120'];
  const remedy = 'Is the package registry reachable, and is this Debian 12?';
  // DPkg::Lock::Timeout is about dpkg's lock; for that of the package lists, apt-get does not wait.
  await awaitUnlocked(packageLists);
  await step('Reading the list of Debian packages', withPrivileges([...apt, 'update']), { remedy });
  await withoutStartingServices(() =>
    step(
      `Installing Debian packages: ${missing.join(' ')}`,
      withPrivileges([...apt, 'install', '-y', '--no-install-recommends', ...missing]),
      { remedy, minutes: 20 },
    ),
  );
}

function missingPackages(groups) {
  const lists = JSON.parse(readFileSync(new URL('debian-packages.json', import.meta.url), 'utf8'));
  const wanted = [...new Set(groups.flatMap((group) => lists[group]))];
  if (wanted.length === 0) return [];
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholders of dpkg-query
  const format = '${binary:Package} ${db:Status-Status}\n';
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f', format, ...wanted], {
    encoding: 'utf8',
  });
  const installed = new Set(
    (stdout ?? '')
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(/[ :]/)[0]),
  );
  return wanted.filter((name) => !installed.has(name));
}

/**
 * Installing a Debian package starts its services, and enables them at each boot. invoke-rc.d(8) asks policy-rc.d
 * first: exit code 101 forbids it to start them. Services that were enabled nevertheless are disabled afterwards.
 */
async function withoutStartingServices(install) {
  const before = new Set(services.filter(isEnabled));
  const root = process.getuid?.() === 0;
  const ours = root && !existsSync(policyFile);
  if (ours) writeFileSync(policyFile, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    await install();
  } finally {
    if (ours) rmSync(policyFile, { force: true });
  }
  const enabled = services.filter((service) => isEnabled(service) && !before.has(service));
  if (enabled.length > 0) {
    const [command, ...args] = withPrivileges(['systemctl', 'disable', '--quiet', '--now', ...enabled]);
    spawnSync(command, args, { stdio: 'ignore' });
  }
}

function isEnabled(service) {
  return spawnSync('systemctl', ['is-enabled', '--quiet', service], { stdio: 'ignore' }).status === 0;
}
