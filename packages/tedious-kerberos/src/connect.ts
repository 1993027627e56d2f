import { Connection, type ConnectionConfig } from './connection.ts';
import { LoginError } from './errors/login-error.ts';
import { assertKnown, assertObject, assertSignal } from './known-settings.ts';

export interface ConnectOptions {
  /** Gives up when aborted, with the code `TIMEOUT` for a `TimeoutError` (`AbortSignal.timeout`), otherwise `CANCELED`. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Connects and logs in. `options.connectTimeout` (milliseconds, default 15000) limits each attempt. The signal limits
 * the whole login: instance lookup, TCP, TLS, ticket, login, routing and retries of transient errors.
 * From then on the caller must handle the connection's events, including `error`.
 *
 * @throws LoginError; TypeError for an unknown option; whatever the constructor of {@link Connection} throws
 */
export async function connect(config: ConnectionConfig, options: ConnectOptions = {}): Promise<Connection> {
  const connection = new Connection(config);
  assertObject('The options of connect()', options);
  assertKnown('connect()', options, ['signal'], 'Options of tedious go into "options" of the connection.');
  const { signal } = options;
  assertSignal(signal);
  if (signal?.aborted) throw aborted(config, signal);
  const ignore = () => {};
  const onAbort = () => connection.close();
  connection.on('error', ignore);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      connection.once('connect', (error) => (error ? reject(error) : resolve()));
      connection.connect();
    });
    signal?.throwIfAborted(); // aborted after the login, so onAbort has closed the connection
    return connection;
  } catch (error) {
    throw signal?.aborted ? aborted(config, signal, error) : error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    connection.removeListener('error', ignore);
  }
}

function aborted({ server, options }: ConnectionConfig, signal: AbortSignal, cause?: unknown): LoginError {
  const known = cause instanceof LoginError ? cause : undefined;
  const { host = server, port = options?.port, step = 'connect' } = known ?? {};
  const timedOut = signal.reason instanceof Error && signal.reason.name === 'TimeoutError';
  return new LoginError(timedOut ? 'TIMEOUT' : 'CANCELED', {
    message: `Logging in to ${host} was ${timedOut ? "stopped at the caller's time limit" : 'canceled by the caller'}, at step "${step}".`,
    host,
    port,
    step,
    cause: signal.reason,
  });
}
