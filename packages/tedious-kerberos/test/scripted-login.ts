import {
  accept,
  type ScriptedAuthenticator,
  scriptedAuthenticator,
} from '../../../local/testing/scripted-authenticator.ts';
import {
  type ScriptedServer,
  type ScriptedServerOptions,
  startScriptedServer,
} from '../../../local/testing/tds-server/scripted-server.ts';
import { Connection, type ConnectionConfig, type ConnectOptions, connect, LoginError } from '../src/index.ts';

export interface ScriptedLogin {
  readonly server: ScriptedServer;
  readonly authenticator: ScriptedAuthenticator;
  connect(options?: ConnectOptions): Promise<Connection>;
  /** A connection that is not connected yet, and the outcome of its login. */
  start(): { readonly connection: Connection; readonly failure: Promise<Error | undefined> };
  /** Connects and returns the LoginError. @throws Error if the login succeeds */
  failure(options?: ConnectOptions): Promise<LoginError>;
}

/** Starts a scripted server and returns ways to log in to it. */
export async function scriptedLogin(
  options: ScriptedServerOptions & {
    readonly authenticator?: ScriptedAuthenticator;
    readonly connectTimeout?: number;
  },
): Promise<ScriptedLogin> {
  const { authenticator = scriptedAuthenticator(), connectTimeout = 60_000 } = options;
  const server = await startScriptedServer({ login: accept, ...options });
  const config: ConnectionConfig = {
    server: options.address ?? '127.0.0.1',
    authenticator,
    options: { port: server.port, encrypt: false, connectTimeout, connectionRetryInterval: 10 },
  };
  const open = (connectOptions?: ConnectOptions) => connect(config, connectOptions);
  return {
    server,
    authenticator,
    connect: open,
    start() {
      const connection = new Connection(config);
      const failure = new Promise<Error | undefined>((resolve) => connection.on('connect', resolve));
      connection.connect();
      return { connection, failure };
    },
    async failure(connectOptions) {
      try {
        (await open(connectOptions)).close();
      } catch (error) {
        if (error instanceof LoginError) return error;
        throw error;
      }
      throw new Error('The login was expected to fail.');
    },
  };
}
