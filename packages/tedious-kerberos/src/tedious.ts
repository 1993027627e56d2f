/**
 * The exports of tedious with one more authentication type, `kerberos`. For libraries that accept a tedious module.
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

/** tedious' own configuration, with one more `authentication` type. */
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

/** The exports of tedious, with a `Connection` that supports Kerberos. */
export interface TediousModule extends Omit<typeof import('tedious'), 'Connection' | 'connect'> {
  readonly Connection: ConnectionClass;
  readonly connect: typeof connect;
}

export type ConnectionClass = new (config: ConnectionConfiguration) => TediousConnection;

/** Looks like one class; the configuration decides whether `new` makes our connection or tedious' own. */
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
 * A tedious connection that accepts `authentication: { type: 'kerberos', options: { spn, ccache, … } }`. Without
 * `authentication`, it uses Kerberos too. Any other type makes tedious' own connection.
 *
 * @throws TypeError or RangeError, as in tedious, for an invalid option; TypeError for an unknown Kerberos option
 */
export const Connection: ConnectionClass = connectionClass({});

/** Like tedious' own `connect`: makes a connection and connects it. */
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

/** The same module with Kerberos options built in, for libraries that pass only the authentication type through. */
export function tediousWith(options: KerberosOptions): TediousModule {
  const Own = connectionClass(options);
  return {
    ...tedious,
    Connection: Own,
    connect: (config: ConnectionConfiguration, listener?: (error?: Error) => void) =>
      connected(new Own(config), listener),
  };
}

/** Ignores unset options, because libraries pass all that they know of. @throws TypeError for any other unknown option */
function kerberosOptions(options: object = {}): KerberosOptions {
  assertObject('The options of Kerberos', options);
  const given = Object.entries(options).filter(([, value]) => value !== undefined && value !== '');
  const foreign = given.map(([name]) => name).filter((name) => !kerberosOptionNames.includes(name));
  if (foreign.length === 0) return Object.fromEntries(given);
  throw new TypeError(
    `Authentication by Kerberos does not take ${foreign.join(', ')}: it logs in with the ticket of the credential cache. Its options are ${kerberosOptionNames.join(', ')}.`,
  );
}

/** @throws TypeError if another copy of tedious made the request, which would otherwise fail in obscure ways */
function ours(request: Request): Request {
  if (request instanceof Request) return request;
  throw new TypeError(
    'The request was made with another copy of tedious than the connection: "npm ls tedious" shows both. Make npm install only one ("overrides" in package.json), or take Request from "tedious-kerberos/tedious".',
  );
}
