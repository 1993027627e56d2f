import type { TLSSocket } from 'node:tls';
import type { ConnectionOptions } from 'tedious';
import type { Authenticator, LoginTarget } from '../authenticator.ts';
import { connect } from '../connect.ts';
import type { ConnectionConfig } from '../connection.ts';
import { LoginError } from '../errors/login-error.ts';
import { channelBindingOf } from '../kerberos/channel-binding.ts';
import { query } from '../query.ts';

/** What was seen of the TLS channel of a login. */
export interface SeenChannel {
  readonly version: string;
  readonly cipher: string;
  readonly subject: string;
  readonly issuer: string;
  readonly endsAt: string;
  /** Whether the login can be bound to it. */
  readonly bindable: boolean;
}

export interface Attempt {
  /** Undefined if TLS was not reached or not used. */
  readonly channel: SeenChannel | undefined;
  /** The host and port of the last login attempt, after routing. */
  readonly target: LoginTarget | undefined;
  readonly error: LoginError | undefined;
  readonly session:
    | { readonly login: string; readonly database: string; readonly scheme: string }
    | undefined;
  /** The error of the first query, if the login succeeded. */
  readonly queryError: Error | undefined;
  /** The rows of the additional query, or its error. */
  readonly answer: readonly Readonly<Record<string, unknown>>[] | Error | undefined;
  /** Milliseconds from the start to the first answer from the database. */
  readonly milliseconds: number | undefined;
}

/** Works on any SQL Server and does not need VIEW SERVER STATE. */
const whoAmI =
  "SELECT SUSER_SNAME() AS login, DB_NAME() AS [database], CONNECTIONPROPERTY('auth_scheme') AS scheme";

/**
 * Logs in once, logs out again, and reports how far it got.
 *
 * @param question an additional query to run after the login
 */
export async function attemptLogin(
  config: ConnectionConfig & { authenticator: Authenticator },
  question?: string,
): Promise<Attempt> {
  const began = performance.now();
  let channel: SeenChannel | undefined;
  let target: LoginTarget | undefined;
  const authenticator: Authenticator = {
    begin(to) {
      target = to;
      const session = config.authenticator.begin(to);
      return {
        initialToken(signal, socket) {
          socket.then((tls) => {
            channel = tls && seen(tls);
          });
          return session.initialToken(signal, socket);
        },
        nextToken: (token, signal) => session.nextToken(token, signal),
        get complete() {
          return session.complete;
        },
        dispose: () => session.dispose(),
      };
    },
  };
  const state = (): Attempt => ({
    ...{ channel, target, error: undefined, session: undefined, queryError: undefined },
    ...{ answer: undefined, milliseconds: undefined },
  });
  try {
    const connection = await connect({ ...config, authenticator });
    connection.on('error', () => {});
    try {
      const { rows } = await query<NonNullable<Attempt['session']>>(connection, whoAmI);
      const milliseconds = performance.now() - began;
      const answer =
        question === undefined
          ? undefined
          : await query(connection, question).then(
              (asked) => asked.rows,
              (error: Error) => error,
            );
      return { ...state(), session: rows[0], answer, milliseconds };
    } catch (error) {
      return { ...state(), queryError: error as Error };
    } finally {
      connection.close();
    }
  } catch (error) {
    if (!(error instanceof LoginError)) throw error;
    return { ...state(), error };
  }
}

function seen(tls: TLSSocket): SeenChannel {
  const { subject, issuer, valid_to } = tls.getPeerCertificate();
  return {
    version: tls.getProtocol() ?? '',
    cipher: tls.getCipher().name,
    subject: nameOf(subject),
    issuer: nameOf(issuer),
    endsAt: valid_to,
    bindable: channelBindingOf(tls) !== undefined,
  };
}

function nameOf(
  name: { readonly CN?: string | string[]; readonly O?: string | string[] } | undefined,
): string {
  return [name?.CN ?? name?.O ?? 'a name without CN'].flat().join(', ');
}

/** The same options, limited to TLS versions that have a channel binding. */
export function bindableOptions(options: ConnectionOptions = {}): ConnectionOptions {
  return {
    ...options,
    cryptoCredentialsDetails: { ...options.cryptoCredentialsDetails, maxVersion: 'TLSv1.2' },
  };
}
