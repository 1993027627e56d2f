import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import type { ConnectionOptions } from 'tedious';
import type { AuthenticationSession, Authenticator, Channel, LoginTarget } from './authenticator.ts';
import { checkAuthorities } from './certificate-authorities.ts';
import {
  explainConnectionError,
  explainServerError,
  isProgramFault,
} from './errors/explain-connection-error.ts';
import { explainKrbError, krbErrorIn, withServerError } from './errors/krb-error.ts';
import { LoginError, type LoginStep, type ServerErrorToken } from './errors/login-error.ts';
import { isOfThisPackage, kerberos } from './kerberos/kerberos-authenticator.ts';
import { assertKnown, assertObject, assertOptions } from './known-settings.ts';
import { checkedOptions } from './tedious-options.ts';
import { SeamedConnection } from './tedious-seams.ts';

/** @throws TypeError */
function assertAuthenticator(given: unknown): void {
  if (typeof (given as Partial<Authenticator>).begin === 'function') return;
  throw new TypeError(
    'The "authenticator" of a connection must have a method "begin", like the one that kerberos() returns.',
  );
}

/** How the server's certificate is checked. */
export interface TlsConfig {
  /** The name that the certificate must be for, if it is not the host. On Amazon RDS, the endpoint name. */
  readonly name?: string;
  /** PEM certificates of the authorities to trust instead of the well-known ones. On Amazon RDS, the RDS CA bundle. */
  readonly ca?: string | Buffer | readonly (string | Buffer)[];
}

export interface ConnectionConfig {
  /** Host to connect to: the name under which the server is registered in the directory. */
  readonly server: string;
  /** How to log in. Default: {@link kerberos}. */
  readonly authenticator?: Authenticator;
  readonly tls?: TlsConfig;
  /** Options of tedious: `port`, `database`, `encrypt` (default: true), `connectTimeout` (milliseconds), … */
  readonly options?: ConnectionOptions;
}

/**
 * A tedious `Connection` that logs in with an {@link Authenticator}, by default Kerberos.
 * Use it like tedious' own: `connect`, `execSql`, `close` and the same events.
 *
 * If the login fails, the `connect` event gets a {@link LoginError}. There is no fallback to another way of logging in, and
 * a server that has not proven its identity by the end of the login is refused.
 */
export class Connection extends SeamedConnection {
  readonly #authenticator: Authenticator;
  #session: AuthenticationSession | undefined;
  #stepWhenClosed: LoginStep | undefined;

  /** @throws TypeError or RangeError, as in tedious, for an invalid option */
  constructor(config: ConnectionConfig) {
    assertObject('The configuration of a connection', config);
    if ('authentication' in config) {
      throw new TypeError(
        'The "config.authentication" property is not supported here: give an "authenticator", or use the Connection of tedious.',
      );
    }
    assertKnown('The connection', config, ['server', 'authenticator', 'tls', 'options'], whereOptionsGo);
    assertObject('The "tls" of a connection', config.tls ?? {});
    assertKnown('The "tls" of a connection', config.tls ?? {}, ['name', 'ca']);
    if (config.options !== undefined) assertObject('The "options" of a connection', config.options);
    const authenticator = config.authenticator ?? kerberos();
    assertAuthenticator(authenticator);
    super({ server: serverHost(config.server), options: tediousOptions(config) });
    // Libraries subclass Connection and add options of their own, so only direct uses are checked.
    if (new.target === Connection) assertOptions(config.options ?? {}, Object.keys(this.config.options));
    this.#authenticator = authenticator;
  }

  override close(): void {
    this.#stepWhenClosed ??= this.step;
    super.close();
  }

  override async initialiseConnection(): Promise<void> {
    try {
      await super.initialiseConnection();
    } finally {
      this.#endSession();
    }
  }

  protected override async beginLogin(
    target: LoginTarget,
    signal: AbortSignal,
    channel: Channel,
  ): Promise<Buffer> {
    this.#endSession();
    try {
      const session = this.#authenticator.begin(target);
      this.#session = session;
      const token = await session.initialToken(signal, channel);
      if (token.length === 0) throw new Error('it returned an empty token.');
      return token;
    } catch (error) {
      throw signal.aborted ? error : this.#authenticatorError(error, 'ticket');
    }
  }

  protected override async continueLogin(
    serverToken: Buffer,
    signal: AbortSignal,
  ): Promise<Buffer | undefined> {
    try {
      return await this.#session?.nextToken(serverToken, signal);
    } catch (error) {
      throw signal.aborted ? error : this.#authenticatorError(error, 'login');
    }
  }

  protected override refusalIn(serverToken: Buffer): Error | undefined {
    const said = krbErrorIn(serverToken);
    return said && explainKrbError(said, this.#context());
  }

  protected override refusedWith(refusal: Error, token: ServerErrorToken): Error {
    return refusal instanceof LoginError ? withServerError(refusal, token) : refusal;
  }

  protected override acceptLogin(): void {
    if (this.#session?.complete) return;
    const context = this.#context();
    throw new LoginError('SERVER_NOT_AUTHENTIC', {
      ...context,
      message: `${context.host} accepted the login without proving its identity.`,
    });
  }

  protected override explainServer(token: ServerErrorToken): Error {
    return explainServerError(token, this.#context());
  }

  protected override explain(error: unknown): Error {
    return explainConnectionError(error, this.#context());
  }

  #authenticatorError(error: unknown, step: LoginStep): LoginError {
    if (error instanceof LoginError) return error;
    const where = step === 'ticket' ? `for ${this.peer}` : `on a token of ${this.peer}`;
    const ours = isProgramFault(error) && isOfThisPackage(this.#authenticator);
    return new LoginError(ours ? 'INTERNAL_ERROR' : 'AUTHENTICATOR_FAILED', {
      ...this.#context(),
      step,
      message: `The authenticator failed ${where}: ${error instanceof Error ? error.message : error}`,
      cause: error,
    });
  }

  #context() {
    return {
      host: this.target?.host ?? this.config.server,
      port: this.target?.port ?? this.config.options.port,
      step: this.#stepWhenClosed ?? this.step,
    };
  }

  #endSession(): void {
    this.#session?.dispose();
    this.#session = undefined;
  }
}

const whereOptionsGo = 'Port, database and all other options of tedious go into "options".';

/**
 * Checks that `server` is a host and nothing more. Given another driver's form (`tcp:host,port`, `host\instance`), tedious
 * would use part of it and might connect to another server.
 *
 * @throws TypeError that says where the rest belongs
 */
function serverHost(server: string): string {
  if (typeof server !== 'string') return server; // tedious reports what it must be
  if (isIP(server)) return server;
  const said = `The "server" must be a host name or an address, not ${JSON.stringify(server)}`;
  if (/^(\.|\(.*\)|)$/.test(server)) throw new TypeError(`${said}; for this machine, give "localhost".`);
  if (/[\s[\]]/.test(server)) throw new TypeError(`${said}; leave out spaces and brackets.`);
  const form = /[\\:,;/@]/.exec(server)?.[0];
  if (form !== undefined) {
    const rest = form === '\\' ? 'the instance into "options.instanceName"' : 'the port into "options.port"';
    throw new TypeError(`${said}; put ${rest}, and leave out any protocol.`);
  }
  if (/[^\p{L}\p{M}\p{N}._-]/u.test(server)) {
    throw new TypeError(`${said}; a name consists of letters, digits, dots, hyphens and underscores.`);
  }
  if (server.startsWith('.')) throw new TypeError(`${said}; it begins with a dot.`);
  if (server.includes('..')) throw new TypeError(`${said}; it has two dots in a row.`);
  const address = domainToASCII(server);
  if (isIP(address)) throw new TypeError(`${said}; as an address, that is ${address}.`);
  return server;
}

function tediousOptions({ tls, options }: ConnectionConfig): ConnectionOptions {
  checkAuthorities('tls.ca', tls?.ca);
  checkAuthorities('options.cryptoCredentialsDetails.ca', options?.cryptoCredentialsDetails?.ca);
  const credentials = tls?.ca === undefined ? {} : { ca: tls.ca as string | Buffer | (string | Buffer)[] };
  return {
    ...checkedOptions(options),
    ...(tls?.name === undefined ? {} : { serverName: tls.name }),
    cryptoCredentialsDetails: { ...options?.cryptoCredentialsDetails, ...credentials },
  };
}
