import type { ConnectionError } from 'tedious';
import { patience, within } from '../processes/within.ts';
import { administer } from './administer.ts';
import { type Forwarder, startForwarder } from './forwarder.ts';
import type { Administrator, DatabaseServer } from './server.ts';

export interface GivenServerOptions {
  /** Where the server listens. */
  readonly target: { readonly host: string; readonly port: number };
  /** Where clients find it: the host that its service principal name is for. */
  readonly address: string;
  /** Default 1433; 0 takes a free one. */
  readonly port?: number;
  readonly tlsName: string;
  readonly authorityFile: string;
  readonly administrator: Administrator;
  /** Writes another keytab, with the next key of the server's account; needed to fail over with a new key. */
  readonly renewKey?: () => Promise<void>;
  /** Milliseconds to wait for the administrator's first login; default: `patience`. */
  readonly limit?: number;
}

/** A server that is starting refuses logins for a while; a wrong password, tried for long, would lock the account. */
const refusalsBorne = 5;

/**
 * A SQL Server that somebody else has started, given the keytab and looks after. Clients reach it through a forwarder on
 * the address that the domain knows it by, which is how it fails over and is stopped; the server itself runs on.
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
      let reason = 'it gave no answer';
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
        `SQL Server at ${target.host}:${target.port} does not let ${administrator.username} in: ${reason} Check that it ` +
          `listens there, its password, and that its certificate is for ${tlsName} by an authority in ${authorityFile}.`,
      );
    },
    administer: (...batches) => administer(server, batches),
    async failOver({ silently = false, newKey = false } = {}) {
      if (newKey) {
        if (!renewKey) throw new Error('The server was not told how its key is renewed.');
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
