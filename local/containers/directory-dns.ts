import { Resolver } from 'node:dns/promises';
import { logTail, startProcess } from '../processes/managed-process.ts';
import { within } from '../processes/within.ts';

export interface DirectoryDnsOptions {
  /** Port 53 of this loopback address is taken. */
  readonly address: string;
  /** DNS name of the directory. */
  readonly domain: string;
  /** Host names of the domain controllers, which `hosts` gives addresses to. */
  readonly controllers: readonly string[];
  /** A hosts(5) file with the directory's names; read again by `reload`. */
  readonly hosts: string;
  readonly stateDirectory: string;
}

/** A DNS server for the containers, which knows the directory's names as the resolver of a VPC does. */
export interface DirectoryDns {
  readonly address: string;
  /** Reads the hosts file again. */
  reload(): void;
  stop(): Promise<void>;
}

/**
 * Starts dnsmasq(8) on one loopback address: the records of a hosts file, and the SRV records by which MIT Kerberos
 * finds the domain controllers (RFC 4120, section 7.2.3.2). It answers for nothing else and asks nobody.
 *
 * @throws Error with the end of the log when it does not answer within 5 s
 */
export async function startDirectoryDns(options: DirectoryDnsOptions): Promise<DirectoryDns> {
  const { address, domain, controllers, hosts, stateDirectory } = options;
  const services = ['_kerberos._tcp', '_kerberos._udp'].flatMap((service) =>
    controllers.map((controller) => `--srv-host=${service}.${domain},${controller},88`),
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
      `--addn-hosts=${hosts}`,
      ...services,
    ],
    environment: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    stateDirectory,
  });
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([address]);
  const answers = () =>
    resolver.resolveSrv(`_kerberos._tcp.${domain}`).then(
      (records) => records.length === controllers.length,
      () => false,
    );
  await within(5000, async () => !server.running || (await answers()));
  if (!server.running || !(await answers())) {
    await server.stop();
    throw new Error(
      `The DNS server for the containers did not start on ${address}:53. Is the port taken?\n${logTail(server.logFile, 5)}`,
    );
  }
  return { address, reload: () => server.signal('SIGHUP'), stop: () => server.stop() };
}
