import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { keptFolder } from '../kept/kept-folder.ts';
import type { DomainNames } from './domain-names.ts';
import { renderSmbConf } from './smb-conf.ts';

/** Increase this when the contents of a provisioned template change, so that old templates are not used. */
const templateVersion = 1;

/** Milliseconds for one run of samba-tool, which takes several seconds, and far longer on a slow and busy machine. */
const timeLimit = 300_000;

/**
 * Creates a freshly provisioned domain in `directory`, with its smb.conf.
 *
 * Provisioning takes several seconds, and its result does not depend on the domain's folder or address. It is therefore
 * done once for each set of domain names and cached; later calls copy it.
 *
 * @returns the path of the domain's smb.conf
 * @throws Error with samba-tool's error message when provisioning fails
 */
export async function createDomain(
  names: DomainNames,
  options: { directory: string; address: string },
): Promise<string> {
  const { directory, address } = options;
  const template = await keptFolder({ name: 'domain', from: [templateVersion, names] }, (folder) =>
    provision(names, folder),
  );
  await cp(template, directory, { recursive: true, preserveTimestamps: true });
  await Promise.all(
    ['cache', 'lock', 'run', 'ncalrpc', 'ntp', 'winbindd'].map((folder) =>
      mkdir(join(directory, folder), { recursive: true, mode: folder === 'ncalrpc' ? 0o755 : 0o700 }),
    ),
  );
  const smbConf = join(directory, 'smb.conf');
  await writeFile(smbConf, renderSmbConf(names, directory, address));
  return smbConf;
}

async function provision(names: DomainNames, directory: string): Promise<void> {
  // Do not use --adminpass: every user can read a password on the command line. samba-tool prints the random one that
  // it generates, so do not keep its output.
  const { failed, stderr, message } = await execa(
    'samba-tool',
    [
      'domain',
      'provision',
      `--realm=${names.realm}`,
      `--domain=${names.netbiosName}`,
      '--server-role=dc',
      '--dns-backend=NONE',
      '--host-name=dc1',
      '--host-ip=127.0.0.1',
      `--targetdir=${directory}`,
    ],
    { reject: false, timeout: timeLimit },
  );
  if (failed) {
    const reason = (stderr || (message ?? '')).split('\n').filter((line) => /ERROR|error|failed/.test(line));
    throw new Error(
      `The domain ${names.name} could not be provisioned: ${reason.at(-1) ?? message}. ` +
        'Samba needs root and the Debian packages samba-ad-dc and samba-ad-provision.',
    );
  }
  // The lockout threshold of AWS Managed Microsoft AD's default password policy. Samba's default is no lockout.
  await execa(
    'samba-tool',
    [
      'domain',
      'passwordsettings',
      'set',
      '--account-lockout-threshold=5',
      '-s',
      join(directory, 'etc', 'smb.conf'),
    ],
    { timeout: timeLimit },
  );
}
