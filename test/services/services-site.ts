import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sharedFolder, sharedFolderEnvironment } from '@packages/contracts';
import { connectionTo } from '@packages/service';
import { connectSqlServer, provisionDatabase, provisionLogin } from '@services/provisioning';
import { execa } from 'execa';
import { connect, kerberos, query } from 'tedious-kerberos';
import { type KerberosSite, startKerberosSite } from '../../local/testing/kerberos-site.ts';
import { type ServiceProcess, startServiceProcess } from '../../local/testing/service-process.ts';
import { type SqlServerProcess, startSqlServerProcess } from '../../local/testing/sql-server.ts';

/** The three services, each with its account and roles. */
export const accounts = {
  web: { user: 'db-user', roles: ['album_reader'] },
  worker: { user: 'worker-user', roles: ['play_counter'] },
  job: { user: 'job-user', roles: ['report_reader'] },
} as const;
export type ServiceName = keyof typeof accounts;

/**
 * A domain, a SQL Server with the music store, and the accounts of three services in both, created by the deployed
 * provisioning.
 */
export interface ServicesSite {
  readonly site: KerberosSite;
  readonly sqlServer: SqlServerProcess;
  /** The folder of a service's ticket. */
  folder(service: ServiceName): string;
  /** The environment of a service's container. */
  environment(service: ServiceName): NodeJS.ProcessEnv;
  start(service: 'worker' | 'job', environment?: NodeJS.ProcessEnv): ServiceProcess;
  /** Runs a statement as a service, with its own ticket. @throws RequestError with SQL Server's number */
  as(service: ServiceName, sql: string): Promise<readonly Record<string, unknown>[]>;
  dispose(): Promise<void>;
}

export async function startServicesSite(): Promise<ServicesSite> {
  const site = await startKerberosSite();
  const sqlServer = await startSqlServerProcess(site);
  const authorities = join(site.directory, 'ca.pem');
  await writeFile(authorities, sqlServer.ca);
  const server = {
    host: sqlServer.address,
    port: sqlServer.port,
    tlsName: sqlServer.tlsName,
    authorities: sqlServer.ca,
  };
  const access = {
    connect: (credentials: { username: string; password: string }) => connectSqlServer(server, credentials),
    administrator: async () => sqlServer.administrator,
    database: 'Music',
    owner: 'test',
  };
  const { user: webUser, roles: webRoles } = accounts.web;
  await provisionDatabase({ ...access, login: `CORP\\${webUser}`, roles: webRoles });
  for (const { user, roles } of [accounts.worker, accounts.job]) {
    await provisionLogin({ ...access, login: `CORP\\${user}`, roles });
  }
  const folder = (service: string) => join(site.directory, service);
  for (const [service, { user }] of Object.entries(accounts)) {
    const password = `Correct horse of ${service} 1`;
    if (user !== site.user.name) await site.domain.createUser(user, password);
    await ticketFor(user, user === site.user.name ? site.user.password : password, folder(service));
  }

  async function ticketFor(user: string, password: string, shared: string): Promise<void> {
    await execa('mkdir', ['-p', shared]);
    await execa('kinit', ['-S', site.spn, '-c', `FILE:${sharedFolder(shared).cache}`, user], {
      env: { KRB5_CONFIG: site.domain.krb5Conf },
      input: password,
    });
  }
  const processes = new Set<ServiceProcess>();

  const self: ServicesSite = {
    site,
    sqlServer,
    folder,
    environment: (service) => ({
      ...sharedFolderEnvironment(folder(service)),
      ...site.domain.environment,
      SQL_SERVER: site.host,
      SQL_DATABASE: 'Music',
      SQL_TLS_NAME: sqlServer.tlsName,
      SQL_TLS_CA_FILE: authorities,
    }),
    start(service, environment = {}) {
      const started = startServiceProcess(service, { ...self.environment(service), ...environment });
      processes.add(started);
      return started;
    },
    async as(service, sql) {
      const settings = {
        SQL_SERVER: site.address,
        SQL_PORT: 1433,
        SQL_DATABASE: 'Music',
        SQL_TLS_NAME: sqlServer.tlsName,
        CONNECT_TIMEOUT_SECONDS: 10,
        QUERY_TIMEOUT_SECONDS: 5,
      };
      const connection = await connect({
        ...connectionTo(settings, sqlServer.ca, 'test'),
        authenticator: kerberos({ spn: site.spn, ccache: sharedFolder(folder(service)).cache }),
      });
      try {
        return (await query(connection, sql)).rows;
      } finally {
        connection.close();
      }
    },
    async dispose() {
      for (const each of processes) each.signal('SIGKILL');
      await Promise.all([...processes].map(({ exited }) => exited));
      await sqlServer.stop();
      await site.dispose();
    },
  };
  return self;
}
