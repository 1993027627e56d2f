import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { type Domain, startDomain } from '../../../../local/directory/domain.ts';
import { claimLoopbackNetwork } from '../../../../local/directory/loopback-network.ts';
import { type LoginOutcome, type LoginRequest, loginProcess } from './login-process.ts';

export interface KinitOptions {
  /** Obtain a ticket for this service only, in place of a ticket-granting ticket. */
  readonly service?: string;
  /** Seconds. */
  readonly lifetime?: number;
  /** What kinit takes the clock for, as faketime(1) writes it. */
  readonly clock?: string;
}

/** A domain with a directory user, the account that SQL Server runs as, and a host for it. */
export interface KerberosSite {
  readonly domain: Domain;
  readonly directory: string;
  readonly host: string;
  readonly address: string;
  readonly spn: string;
  readonly keytab: string;
  readonly user: { readonly name: string; readonly password: string };
  /** Obtains a ticket into a new credential cache and returns its file. */
  kinit(name: string, options?: KinitOptions): Promise<string>;
  /** Logs in with that cache, in a process of its own. */
  login(
    ccache: string,
    request?: Partial<LoginRequest>,
    environment?: NodeJS.ProcessEnv,
  ): Promise<LoginOutcome>;
  dispose(): Promise<void>;
}

export async function startKerberosSite(): Promise<KerberosSite> {
  const directory = await mkdtemp(join(tmpdir(), 'tedious-kerberos-'));
  const network = await claimLoopbackNetwork();
  const domain = await startDomain({ network, stateDirectory: directory });
  const user = { name: 'db-user', password: 'Correct horse 1 "battery"' };
  const host = `music-db.${domain.name}`;
  const spn = `MSSQLSvc/${host}:1433`;
  const keytab = join(directory, 'sql-server.keytab');
  await domain.createUser(user.name, user.password);
  await domain.createServiceAccount({ name: 'sql-server', spns: [spn], keytab });
  await domain.addHost('music-db', network.address(20));
  return {
    domain,
    directory,
    host,
    address: network.address(20),
    spn,
    keytab,
    user,
    async kinit(name, { service, lifetime, clock } = {}) {
      const file = join(directory, name);
      const options = [
        ...(service ? ['-S', service] : []),
        ...(lifetime ? ['-l', `${lifetime}s`] : []),
        ...['-c', `FILE:${file}`, user.name],
      ];
      const command = clock ? ['faketime', '-f', clock, 'kinit', ...options] : ['kinit', ...options];
      const env = { KRB5_CONFIG: domain.krb5Conf };
      await execa(command[0] as string, command.slice(1), { env, input: user.password });
      return file;
    },
    login(ccache, request = {}, environment = {}) {
      const { connection, ...others } = request;
      const options = { port: 1433, encrypt: false, connectTimeout: 10_000, ...connection?.options };
      return loginProcess(
        { connection: { server: host, ...connection, options }, ...others },
        { ...domain.environment, KRB5CCNAME: `FILE:${ccache}`, ...environment },
      );
    },
    async dispose() {
      await domain.dispose();
      await network.release();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
