import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { sharedFolder, sharedFolderEnvironment } from '@packages/contracts';
import { connectionTo } from '@packages/service';
import { connectSqlServer, provisionDatabase, provisionLogin } from '@services/provisioning';
import { execa } from 'execa';
import { connect, kerberos, query } from 'tedious-kerberos';
import { type KerberosSite, startKerberosSite } from '../../local/testing/kerberos-site.ts';
import { type SqlServerProcess, startSqlServerProcess } from '../../local/testing/sql-server.ts';

/** The three services, and the account and roles of each. */
export const accounts = {
  web: { user: 'db-user', roles: ['db_datareader'] },
  worker: { user: 'worker-user', roles: ['play_counter'] },
  job: { user: 'job-user', roles: ['report_reader'] },
} as const;
export type ServiceName = keyof typeof accounts;

type LogLine = Record<string, unknown> & { readonly msg: string };

/** A service as a process of its own. */
export interface ServiceProcess {
  readonly child: ChildProcess;
  /** Resolves with the first line of the log, past or future, that has this message. Rejects if the process ends. */
  logged(message: string): Promise<LogLine>;
  errors(): string;
  readonly exited: Promise<number | null>;
}

/** A domain, a SQL Server with the music store, and three services' accounts in both, made by the deployed provisioning. */
export interface ServicesSite {
  readonly site: KerberosSite;
  readonly sqlServer: SqlServerProcess;
  /** What the container of a service is told. */
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
  await provisionDatabase({ ...access, login: `CORP\\${accounts.web.user}` });
  for (const { user, roles } of [accounts.worker, accounts.job]) {
    await provisionLogin({ ...access, login: `CORP\\${user}`, roles });
  }
  for (const [service, { user }] of Object.entries(accounts)) {
    const password = `Correct horse of ${service} 1`;
    if (user !== site.user.name) await site.domain.createUser(user, password);
    await ticketFor(user, user === site.user.name ? site.user.password : password, folderOf(service));
  }

  async function ticketFor(user: string, password: string, folder: string): Promise<void> {
    await execa('mkdir', ['-p', folder]);
    await execa('kinit', ['-S', site.spn, '-c', `FILE:${sharedFolder(folder).cache}`, user], {
      env: { KRB5_CONFIG: site.domain.krb5Conf },
      input: password,
    });
  }
  function folderOf(service: string): string {
    return join(site.directory, service);
  }
  const children = new Set<ServiceProcess>();

  const self: ServicesSite = {
    site,
    sqlServer,
    environment: (service) => ({
      ...sharedFolderEnvironment(folderOf(service)),
      ...site.domain.environment,
      SQL_SERVER: site.host,
      SQL_DATABASE: 'Music',
      SQL_TLS_NAME: sqlServer.tlsName,
      SQL_TLS_CA_FILE: authorities,
    }),
    start(service, environment = {}) {
      const started = startProcess(join('services', service, 'src', 'main.ts'), {
        ...self.environment(service),
        ...environment,
      });
      children.add(started);
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
        authenticator: kerberos({ spn: site.spn, ccache: sharedFolder(folderOf(service)).cache }),
      });
      try {
        return (await query(connection, sql)).rows;
      } finally {
        connection.close();
      }
    },
    async dispose() {
      for (const { child } of children) child.kill('SIGKILL');
      await Promise.all([...children].map(({ exited }) => exited));
      await sqlServer.stop();
      await site.dispose();
    },
  };
  return self;
}

function startProcess(program: string, environment: NodeJS.ProcessEnv): ServiceProcess {
  const child = spawn(process.execPath, [program], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  const log: LogLine[] = [];
  const waiting = new Set<() => void>();
  let errors = '';
  child.stderr.on('data', (text) => {
    errors += text;
  });
  createInterface(child.stdout).on('line', (line) => {
    log.push(JSON.parse(line));
    for (const look of waiting) look();
  });
  const exited = once(child, 'close').then(([code]) => code as number | null);
  return {
    child,
    errors: () => errors,
    exited,
    logged(message) {
      const { promise, resolve, reject } = Promise.withResolvers<LogLine>();
      const look = () => {
        const line = log.find(({ msg }) => msg === message);
        if (line) resolve(line);
      };
      waiting.add(look);
      look();
      exited.then(() =>
        reject(new Error(`It ended without logging "${message}": ${errors}${JSON.stringify(log)}`)),
      );
      return promise;
    },
  };
}
