import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { claimLoopbackNetwork } from '../directory/loopback-network.ts';
import { startProcess } from '../processes/managed-process.ts';
import { portAnswers } from '../processes/port-answers.ts';
import { patience, within } from '../processes/within.ts';

export interface MitRealm {
  readonly name: string;
  /** Lines for the realm in kdc.conf. */
  readonly settings?: readonly string[];
}

/** KDCs of MIT Kerberos, one for each realm. */
export interface MitKdcs {
  readonly directory: string;
  /** For clients: contains the KDCs and capaths, but no domain-to-realm mapping. */
  readonly krb5Conf: string;
  readonly krb5ConfText: string;
  address(realm: string): string;
  /** Runs a kadmin.local(8) command in a realm. @returns its output */
  kadmin(realm: string, command: string): Promise<string>;
  dispose(): Promise<void>;
}

/**
 * Starts a krb5kdc(8) for each realm, each on its own loopback address.
 *
 * @param domains the KDCs' `[domain_realm]`, according to which they refer clients to other realms
 * @param paths lines of `[capaths]`, which say through which realms a path leads
 */
export async function startMitKdcs(
  realms: readonly MitRealm[],
  domains: Readonly<Record<string, string>> = {},
  paths: readonly string[] = [],
): Promise<MitKdcs> {
  const directory = await mkdtemp(join(tmpdir(), 'mit-kdc-'));
  const network = await claimLoopbackNetwork();
  const address = (realm: string) => network.address(30 + realms.findIndex(({ name }) => name === realm));
  const defaults = [
    '[libdefaults]',
    'dns_lookup_kdc = false',
    'rdns = false',
    'dns_canonicalize_hostname = false',
  ];
  const krb5ConfText = [
    ...defaults,
    '[realms]',
    ...realms.map(({ name }) => `${name} = {\n kdc = ${address(name)}\n}`),
    '[capaths]',
    ...paths,
    '',
  ].join('\n');
  const krb5Conf = join(directory, 'krb5.conf');
  await writeFile(krb5Conf, krb5ConfText);
  const mapping = Object.entries(domains).map(([domain, realm]) => `${domain} = ${realm}`);

  const environments = new Map<string, Record<string, string>>();
  for (const { name, settings = [] } of realms) {
    const own = join(directory, name);
    await mkdir(own);
    const conf = join(own, 'krb5.conf');
    await writeFile(conf, `${krb5ConfText}[domain_realm]\n${mapping.join('\n')}\n`);
    const kdcConf = [
      '[kdcdefaults]',
      `kdc_listen = ${address(name)}:88`,
      `kdc_tcp_listen = ${address(name)}:88`,
      '[realms]',
      `${name} = {`,
      `database_name = ${own}/principal`,
      `key_stash_file = ${own}/stash`,
      `acl_file = ${own}/acl`,
      ...settings,
      '}',
      '',
    ];
    await writeFile(join(own, 'kdc.conf'), kdcConf.join('\n'));
    const environment = {
      KRB5_CONFIG: conf,
      KRB5_KDC_PROFILE: join(own, 'kdc.conf'),
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    };
    environments.set(name, environment);
    await execa('kdb5_util', ['-r', name, 'create', '-s', '-P', 'master'], { env: environment });
  }
  const processes = await Promise.all(
    realms.map(async ({ name }) => {
      const process = await startProcess({
        name: `krb5kdc-${name}`,
        command: 'krb5kdc',
        args: ['-n', '-r', name],
        environment: environments.get(name) as Record<string, string>,
        stateDirectory: directory,
      });
      if (!(await within(patience, () => portAnswers(address(name), 88))))
        throw new Error(`krb5kdc of ${name} does not answer.`);
      return process;
    }),
  );
  return {
    directory,
    krb5Conf,
    krb5ConfText,
    address,
    async kadmin(realm, command) {
      const env = environments.get(realm) as Record<string, string>;
      return (await execa('kadmin.local', ['-r', realm, '-q', command], { env })).stdout;
    },
    async dispose() {
      await Promise.all(processes.map((process) => process.stop()));
      await network.release();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
