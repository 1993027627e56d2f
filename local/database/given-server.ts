import type { ConnectionError } from 'tedious';
import { patience, within } from '../processes/within.ts';
import { administer } from './administer.ts';
import { type Forwarder, startForwarder } from './forwarder.ts';
import type { Administrator, DatabaseServer } from './server.ts';

export interface GivenServerOptions {
  /** Address of the server itself. */
  readonly target: { readonly host: string; readonly port: number };
  /** Address at which clients find it: that of the host in its service principal name. */
  readonly address: string;
  /** Default 1433; 0 selects a free port. */
  readonly port?: number;
  readonly tlsName: string;
  readonly authorityFile: string;
  readonly administrator: Administrator;
  /** Writes a new keytab with the next key of the server's account; required for a failover with a new key. */
  readonly renewKey?: () => Promise<void>;
  /** Milliseconds to wait for the administrator's first login; default: `patience`. */
  readonly limit?: number;
}

/**
 * How many refused logins to tolerate. A starting server refuses logins for a while, but repeating a wrong password for
 * too long would lock the account.
 */
const refusalsBorne = 5;

/**
 * A SQL Server that others have started, given the keytab, and administer. Clients reach it through a forwarder at the
 * address that the domain knows. Failovers and stops happen in the forwarder; the server itself keeps running.
 */
export function givenServer(options: GivenServerOptions): DatabaseServer {
  const { target, address, tlsName, authorityFile, administrator, renewKey, limit = patience } = options;
  let forwarder: Forwarder | undefined;
  let { port = 1433 } = options;
  const server: DatabaseServer = {
    address,
    get port() {
      return port;
    },
    tlsName,
    authorityFile,
    administrator,
    async start() {
      const started = await startForwarder({ address, port }, target);
      forwarder = started;
      port = started.port;
      let reason = 'it did not answer.';
      let refusals = 0;
      const settled = await within(
        limit,
        async () => {
          try {
            await administer(server, ['SELECT 1']);
            reason = '';
          } catch (error) {
            reason = (error as Error).message;
            if ((error as ConnectionError).code === 'ELOGIN') refusals += 1;
          }
          return reason === '' || refusals > refusalsBorne;
        },
        1000,
      );
      if (settled && reason === '') return;
      await started.stop();
      throw new Error(
        `SQL Server at ${target.host}:${target.port} does not let ${administrator.username} log in: ${reason} Check that it ` +
          `listens there, that the password is right, and that its certificate is for ${tlsName} and from an authority in ${authorityFile}.`,
      );
    },
    administer: (...batches) => administer(server, batches),
    async failOver({ silently = false, newKey = false } = {}) {
      if (newKey) {
        if (!renewKey) throw new Error('This server has no way to renew its key: renewKey is missing.');
        await renewKey();
      }
      forwarder?.cut({ silently });
    },
    suspend: () => forwarder?.suspend(),
    resume: () => forwarder?.resume(),
    async stop() {
      await forwarder?.stop();
    },
  };
  return server;
}
