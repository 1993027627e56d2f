import type { TLSSocket } from 'node:tls';

/** What a login is addressed to: the host and port really connected to, also after TDS routing. */
export interface LoginTarget {
  /** As given in the configuration, or by the server that routed us here. */
  readonly host: string;
  /** TCP port; for a named instance, the one SQL Server Browser told. */
  readonly port: number;
}

/**
 * A way to log in with tokens that client and server exchange: the token in LOGIN7, then zero or more further legs in SSPI
 * messages ([MS-TDS] 2.2.6.4 and 2.2.6.7). Kerberos is one; another (NTLM through a helper, a test) is another class.
 */
export interface Authenticator {
  /** Begins one login. Called once per attempt, and again for the new host after TDS routing. */
  begin(target: LoginTarget): AuthenticationSession;
  /** The credential cache that its tickets come from: there a pool waits for the next. Default: that of the process. */
  readonly ccache?: string | undefined;
  /** Whose tickets; of a collection it is the cache of this principal. */
  readonly principal?: string | undefined;
}

/** What a login runs in: the TLS socket once its handshake is over, or nothing when the connection is not encrypted. */
export type Channel = Promise<TLSSocket | undefined>;

/** One login. Its methods are called one at a time, in this order. */
export interface AuthenticationSession {
  /**
   * The token for LOGIN7; of any size, not empty. Asked for while the connection is still being made.
   *
   * @param signal aborted when the time limit of the connection has passed or it is closed; the caller stops waiting then
   * @param channel to bind the login to; settled when TCP and TLS are ready, which obtaining a ticket need not wait for
   */
  initialToken(signal: AbortSignal, channel: Channel): Promise<Buffer>;
  /** Takes a token of the server. Returns the answer to send, or nothing when there is none. */
  nextToken(serverToken: Buffer, signal: AbortSignal): Promise<Buffer | undefined>;
  /** True once the server has proven who it is. A login that the server accepts before that is refused. */
  readonly complete: boolean;
  /** Lets go of everything held. Called exactly once, also after a failure or while a call is still under way. */
  dispose(): void;
}
