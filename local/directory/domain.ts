import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { logTail, type ManagedProcess, startProcess } from '../processes/managed-process.ts';
import { portAnswers } from '../processes/port-answers.ts';
import { patience, within } from '../processes/within.ts';
import { createServiceAccount, createUser, type ServiceAccount, setPassword } from './accounts.ts';
import { type DomainNames, domainNames } from './domain-names.ts';
import { renderKrb5Conf } from './krb5-conf.ts';
import type { LoopbackNetwork } from './loopback-network.ts';
import { createDomain } from './provision.ts';
import { type SambaTools, sambaTools } from './samba-tools.ts';

export interface DomainOptions {
  readonly network: LoopbackNetwork;
  /** Last number of the domain controller's address in the network; default 10. */
  readonly host?: number;
  /** Prefix of the names of its files and its process, for two domains in one folder; default: none. */
  readonly prefix?: string;
  /** The folder for all files of the domain. */
  readonly stateDirectory: string;
  /** DNS name; default `corp.example.com`. */
  readonly name?: string;
  readonly netbiosName?: string;
}

/** A real Active Directory domain with one domain controller on a loopback address. */
export interface Domain extends DomainNames, SambaTools {
  /** Addresses of the domain's KDCs (port 88). */
  readonly kdcs: readonly string[];
  /** Path of its Samba configuration. */
  readonly smbConf: string;
  /** Path of a krb5.conf for clients on this machine. */
  readonly krb5Conf: string;
  /** Path of a hosts(5) file with the domain's names, for nss_wrapper(1). */
  readonly hosts: string;
  /**
   * What a client process needs to use the domain: `KRB5_CONFIG`, and the variables of nss_wrapper(1) for the domain's
   * names.
   */
  readonly environment: Readonly<Record<'KRB5_CONFIG' | 'LD_PRELOAD' | 'NSS_WRAPPER_HOSTS', string>>;
  readonly running: boolean;
  /** Makes `<host>.<domain>`, or a fully qualified name, resolve to an address for processes with `environment`. */
  addHost(host: string, address: string): Promise<void>;
  createUser(name: string, password: string): Promise<void>;
  setPassword(name: string, password: string): Promise<void>;
  createServiceAccount(account: ServiceAccount): Promise<void>;
  /** Stops the domain controller; its data is kept. */
  stop(): Promise<void>;
  /** Starts it again after `stop`. */
  start(): Promise<void>;
  /** Stops it and deletes its data. */
  dispose(): Promise<void>;
}

/**
 * Starts a Samba Active Directory domain controller on an address of the network. It does not read or change the
 * machine's own resolver, hosts file, krb5.conf or Samba configuration.
 *
 * @throws Error with cause and remedy when Samba is missing, root is missing, or the controller does not answer within
 *   `patience`
 */
export async function startDomain(options: DomainOptions): Promise<Domain> {
  const { network, stateDirectory, host = 10, prefix = '' } = options;
  const names = domainNames(options.name ?? 'corp.example.com', options.netbiosName);
  const address = network.address(host);
  const directory = join(stateDirectory, `${prefix}domain`);
  const krb5Conf = join(stateDirectory, `${prefix}krb5.conf`);
  const hosts = join(stateDirectory, `${prefix}hosts`);

  await mkdir(dirname(directory), { recursive: true });
  await rm(directory, { recursive: true, force: true });
  const smbConf = await createDomain(names, { directory, address });
  await writeFile(krb5Conf, renderKrb5Conf(names, [address]), { mode: 0o644 });
  await writeFile(hosts, `${address} dc1.${names.name} ${names.name}\n`, { mode: 0o644 });

  const { endTools, ...tools } = sambaTools(smbConf);
  const place = { name: `${prefix}domain-controller`, smbConf, stateDirectory, address };
  let controller: ManagedProcess | undefined;
  const domain: Domain = {
    ...names,
    ...tools,
    kdcs: [address],
    smbConf,
    krb5Conf,
    hosts,
    environment: { KRB5_CONFIG: krb5Conf, LD_PRELOAD: 'libnss_wrapper.so', NSS_WRAPPER_HOSTS: hosts },
    get running() {
      return controller?.running ?? false;
    },
    addHost: (host, hostAddress) =>
      appendFile(hosts, `${hostAddress} ${host.includes('.') ? host : `${host}.${names.name}`}\n`),
    createUser: (name, password) => createUser(domain, name, password),
    setPassword: (name, password) => setPassword(domain, name, password),
    createServiceAccount: (account) => createServiceAccount(domain, account),
    async start() {
      if (!domain.running) controller = await startController(place);
    },
    async stop() {
      await Promise.all([controller?.stop(), endTools()]);
    },
    async dispose() {
      await domain.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
  await domain.start();
  return domain;
}

interface ControllerPlace {
  readonly name: string;
  readonly smbConf: string;
  readonly stateDirectory: string;
  readonly address: string;
}

async function startController({
  name,
  smbConf,
  stateDirectory,
  address,
}: ControllerPlace): Promise<ManagedProcess> {
  const controller = await startProcess({
    name,
    command: 'samba',
    args: [
      `--configfile=${smbConf}`,
      '--model=single',
      '--foreground',
      '--no-process-group',
      '--debug-stdout',
    ],
    environment: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' },
    stateDirectory,
  });
  const ready = await within(
    patience,
    async () =>
      !controller.running || ((await portAnswers(address, 88)) && (await portAnswers(address, 389))),
  );
  if (!ready || !controller.running) {
    await controller.stop();
    throw new Error(
      `The domain controller did not start on ${address} (ports 88 and 389). Is another one running there, ` +
        `or is this not running as root? The end of its log:\n${logTail(controller.logFile)}`,
    );
  }
  return controller;
}
