import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { compileCache } from '../processes/compile-cache.ts';
import { logTail, type ManagedProcess, startProcess } from '../processes/managed-process.ts';
import { patience, within } from '../processes/within.ts';
import { administer } from './administer.ts';
import type { Administrator, DatabaseServer } from './server.ts';
import type { SqlServerOptions } from './stand-in/server.ts';

export interface StandInOptions {
  /** Name of its process, its log and its files; default `sql-server`. */
  readonly name?: string;
  readonly address: string;
  /** Default 1433. */
  readonly port?: number;
  /** The value of `@@SERVERNAME`; default `music-db`. */
  readonly instance?: string;
  readonly tlsName: string;
  readonly administrator: Administrator;
  readonly domain: { readonly realm: string; readonly netbiosName: string };
  readonly keytab: string;
  /** Writes a new keytab with the next key of the server's account; required for a failover with a new key. */
  readonly renewKey?: () => Promise<void>;
  /** In addition to PATH; at least KRB5_CONFIG. */
  readonly environment: NodeJS.ProcessEnv;
  readonly stateDirectory: string;
  /** Refuse clients without TLS. Default: false. */
  readonly forceEncryption?: boolean;
  /** Whether GSSAPI's last token is sent together with the login acknowledgement or in a message before it. */
  readonly sspiToken?: 'with-login' | 'before-login';
  /** `<host>:<port>` to which clients are redirected after their login. */
  readonly routeTo?: string;
}

const main = join(import.meta.dirname, 'stand-in', 'main.ts');

/** The SQL Server stand-in in a separate process: see docs/decisions/092. */
export function standInServer(options: StandInOptions): DatabaseServer {
  const { name = 'sql-server', address, port = 1433, tlsName, administrator, stateDirectory } = options;
  const certificates = join(stateDirectory, name, 'tls');
  const logFile = join(stateDirectory, 'logs', `${name}.log`);
  let running: ManagedProcess | undefined;
  const signal = (which: NodeJS.Signals) => running?.signal(which);
  const server: DatabaseServer = {
    address,
    port,
    tlsName,
    authorityFile: join(certificates, 'ca.pem'),
    administrator,
    async start() {
      // The log of an earlier start would contain "listening", too.
      await rm(logFile, { force: true });
      running = await startProcess({
        name,
        command: process.execPath,
        args: ['--disable-warning=ExperimentalWarning', main],
        environment: environmentOf(options, certificates),
        stateDirectory,
        logFile,
      });
      const { logged, stop } = {
        logged: (event: string) => logTail(logFile, 50).includes(event),
        stop: running.stop,
      };
      await within(patience, () => !running?.running || logged('"listening"'));
      if (logged('"listening"')) return;
      await stop();
      throw new Error(`The SQL Server stand-in did not start on ${address}:${port}.\n${logTail(logFile, 5)}`);
    },
    administer: (...batches) => administer(server, batches),
    async failOver({ silently = false, newKey = false } = {}) {
      if (newKey) {
        if (!options.renewKey)
          throw new Error(`The stand-in ${name} has no way to renew its key: renewKey is missing.`);
        await options.renewKey();
      }
      const lost = lossesIn(logFile);
      signal(silently ? 'SIGHUP' : 'SIGUSR2');
      await within(patience, () => lossesIn(logFile) > lost);
    },
    suspend: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
    async stop() {
      await running?.stop();
    },
  };
  return server;
}

const lossesIn = (logFile: string) => logTail(logFile, 1000).split('"connections lost"').length;

function environmentOf(options: StandInOptions, certificateDirectory: string): NodeJS.ProcessEnv {
  const { routeTo, ...others } = options;
  const { name = 'sql-server', instance = 'music-db', stateDirectory, domain } = others;
  const [server = '', port] = routeTo?.split(':') ?? [];
  const given: SqlServerOptions = {
    ...others,
    instance,
    domain: { realm: domain.realm, netbiosName: domain.netbiosName },
    certificateDirectory,
    storageDirectory: join(stateDirectory, name, 'data'),
    ...(routeTo && { routeTo: { server, port: Number(port) } }),
  };
  return {
    PATH: process.env.PATH,
    ...compileCache(),
    ...options.environment,
    STAND_IN: JSON.stringify(given),
  };
}
