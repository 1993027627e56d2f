import { Resolver } from 'node:dns/promises';
import { logTail, startProcess } from '../processes/managed-process.ts';
import { patience, within } from '../processes/within.ts';

export interface DirectoryDnsOptions {
  /** A loopback address; the server listens on its port 53. */
  readonly address: string;
  /** DNS names of the domains. Each has a domain controller `dc1`, whose address is in `hosts`. */
  readonly domains: readonly string[];
  /** Files in the format of hosts(5) with the domains' names; `reload` reads them again. */
  readonly hosts: readonly string[];
  readonly stateDirectory: string;
}

/** A DNS server for the containers that knows the directory's names, as a VPC's resolver does. */
export interface DirectoryDns {
  readonly address: string;
  /** Reads the hosts files again. */
  reload(): void;
  stop(): Promise<void>;
}

/**
 * Starts dnsmasq(8) on one loopback address, with the records of the hosts files and the SRV records that MIT Kerberos
 * uses to find the domain controllers (RFC 4120, section 7.2.3.2). It forwards no queries to other servers.
 *
 * @throws Error with the end of the log when it does not answer within `patience`
 */
export async function startDirectoryDns(options: DirectoryDnsOptions): Promise<DirectoryDns> {
  const { address, domains, hosts, stateDirectory } = options;
  const services = ['_kerberos._tcp', '_kerberos._udp'].flatMap((service) =>
    domains.map((domain) => `--srv-host=${service}.${domain},dc1.${domain},88`),
  );
  const server = await startProcess({
    name: 'directory-dns',
    command: 'dnsmasq',
    args: [
      '--keep-in-foreground',
      '--conf-file=/dev/null',
      '--pid-file=',
      '--user=nobody',
      '--group=nogroup',
      '--log-facility=-',
      `--listen-address=${address}`,
      '--bind-interfaces',
      '--no-resolv',
      '--no-hosts',
      ...hosts.map((file) => `--addn-hosts=${file}`),
      ...services,
    ],
    environment: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    stateDirectory,
  });
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([address]);
  const answers = () =>
    Promise.all(domains.map((domain) => resolver.resolveSrv(`_kerberos._tcp.${domain}`))).then(
      (records) => records.every(({ length }) => length === 1),
      () => false,
    );
  const ready = await within(patience, async () => !server.running || (await answers()));
  if (!ready || !server.running) {
    await server.stop();
    throw new Error(
      `The DNS server for the containers did not start on ${address}:53. Is the port in use?\n${logTail(server.logFile, 5)}`,
    );
  }
  return { address, reload: () => server.signal('SIGHUP'), stop: () => server.stop() };
}
