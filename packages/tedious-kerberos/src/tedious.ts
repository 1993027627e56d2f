/**
 * What tedious exports, with one more type of authentication: `kerberos`. For libraries that take a tedious module.
 */
import tedious, {
  type ConnectionAuthentication,
  Request,
  type ConnectionConfiguration as TediousConfiguration,
  Connection as TediousConnection,
} from 'tedious';
import { Connection as KerberosConnection } from './connection.ts';
import { type KerberosOptions, kerberos, kerberosOptionNames } from './kerberos/kerberos-authenticator.ts';
import { assertObject } from './known-settings.ts';

export type { ConnectionAuthentication, ConnectionOptions } from 'tedious';
export {
  BulkLoad,
  ConnectionError,
  InputError,
  ISOLATION_LEVEL,
  library,
  Request,
  RequestError,
  TDS_VERSION,
  TYPES,
} from 'tedious';
export type { KerberosOptions } from './kerberos/kerberos-authenticator.ts';

export interface KerberosAuthentication {
  readonly type: 'kerberos';
  readonly options?: KerberosOptions;
}

/** tedious' own configuration, with one more type of `authentication`. */
export type ConnectionConfiguration = Omit<TediousConfiguration, 'authentication'> & {
  readonly authentication?: ConnectionAuthentication | KerberosAuthentication | undefined;
};

class OwnConnection extends KerberosConnection {
  override execSql(request: Request): void {
    super.execSql(ours(request));
  }
  override execSqlBatch(request: Request): void {
    super.execSqlBatch(ours(request));
  }
  override callProcedure(request: Request): void {
    super.callProcedure(ours(request));
  }
  override prepare(request: Request): void {
    super.prepare(ours(request));
  }
  override unprepare(request: Request): void {
    super.unprepare(ours(request));
  }
  override execute(...[request, parameters]: Parameters<TediousConnection['execute']>): void {
    super.execute(ours(request), parameters);
  }
}

/** What tedious exports, with a connection that knows Kerberos. */
export interface TediousModule extends Omit<typeof import('tedious'), 'Connection' | 'connect'> {
  readonly Connection: ConnectionClass;
  readonly connect: typeof connect;
}

export type ConnectionClass = new (config: ConnectionConfiguration) => TediousConnection;

/** A class, for callers; which one is made is told by the configuration. */
function connectionClass(defaults: KerberosOptions): ConnectionClass {
  return new Proxy(OwnConnection, {
    construct(target, [config]: [ConnectionConfiguration], newTarget) {
      assertObject('The configuration of a connection', config);
      const { authentication = { type: 'kerberos' }, server, options } = config;
      assertObject('The "authentication" of a connection', authentication);
      if (authentication.type !== 'kerberos') return new TediousConnection(config as TediousConfiguration);
      const authenticator = kerberos({ ...defaults, ...kerberosOptions(authentication.options) });
      return Reflect.construct(target, [{ server, options, authenticator }], newTarget);
    },
  }) as unknown as ConnectionClass;
}

/**
 * A connection of tedious that takes `authentication: { type: 'kerberos', options: { spn, ccache, … } }`; without any
 * `authentication` that is what it does. Other types are tedious' own business, and give its own connection.
 *
 * @throws TypeError or RangeError, as tedious does, for a wrong option; TypeError for one that Kerberos does not have
 */
export const Connection: ConnectionClass = connectionClass({});

/** As tedious' own: makes a connection and connects. */
export function connect(
  config: ConnectionConfiguration,
  connectListener?: (error?: Error) => void,
): TediousConnection {
  return connected(new Connection(config), connectListener);
}

function connected(connection: TediousConnection, listener?: (error?: Error) => void): TediousConnection {
  connection.connect(listener);
  return connection;
}

/** The same module with options for Kerberos, for a library that hands on the type of authentication alone. */
export function tediousWith(options: KerberosOptions): TediousModule {
  const Own = connectionClass(options);
  return {
    ...tedious,
    Connection: Own,
    connect: (config: ConnectionConfiguration, listener?: (error?: Error) => void) =>
      connected(new Own(config), listener),
  };
}

/** Libraries hand on what they know of, mostly as `undefined`. @throws TypeError for what has a value and no meaning */
function kerberosOptions(options: object = {}): KerberosOptions {
  assertObject('The options of Kerberos', options);
  const given = Object.entries(options).filter(([, value]) => value !== undefined && value !== '');
  const foreign = given.map(([name]) => name).filter((name) => !kerberosOptionNames.includes(name));
  if (foreign.length === 0) return Object.fromEntries(given);
  throw new TypeError(
    `Authentication by Kerberos does not take ${foreign.join(', ')}: it logs in with the ticket of the credential cache. Its options are ${kerberosOptionNames.join(', ')}.`,
  );
}

/** @throws TypeError when the request was made by another copy of tedious: it would fail in ways that tell nothing */
function ours(request: Request): Request {
  if (request instanceof Request) return request;
  throw new TypeError(
    'The request was made with another copy of tedious than the connection: "npm ls tedious" shows both. Have one of them installed ("overrides" in package.json), or take Request from "tedious-kerberos/tedious".',
  );
}
