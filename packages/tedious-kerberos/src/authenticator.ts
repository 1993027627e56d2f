import type { TLSSocket } from 'node:tls';

/** The target of a login: the host and port actually connected to, including after TDS routing. */
export interface LoginTarget {
  /** As given in the configuration, or by the server that redirected us here. */
  readonly host: string;
  /** TCP port; for a named instance, the port that SQL Server Browser reported. */
  readonly port: number;
}

/**
 * A way to log in by exchanging tokens with the server: one in LOGIN7, then any number of further ones in SSPI messages
 * ([MS-TDS] 2.2.6.4 and 2.2.6.7). Kerberos is built in; implement this interface for others, such as NTLM through a helper.
 */
export interface Authenticator {
  /** Begins one login. Called once per attempt, and again for the new host after TDS routing. */
  begin(target: LoginTarget): AuthenticationSession;
  /** The credential cache in which a pool waits for the next ticket. Default: the cache of the process. */
  readonly ccache?: string | undefined;
  /** The client principal. In a collection, selects the cache of this principal. */
  readonly principal?: string | undefined;
}

/** Resolves to the TLS socket after its handshake, or to undefined if the connection is not encrypted. */
export type Channel = Promise<TLSSocket | undefined>;

/** One login. `initialToken` and `nextToken` are called one at a time, in this order. */
export interface AuthenticationSession {
  /**
   * Returns the token for LOGIN7. It may have any size but must not be empty. Called while the connection is still being set
   * up.
   *
   * @param signal aborted when the login has timed out, was canceled or failed; the caller has then stopped waiting
   * @param channel the channel to bind the login to. Resolves once TCP and TLS are ready, so obtain the ticket first
   */
  initialToken(signal: AbortSignal, channel: Channel): Promise<Buffer>;
  /** Takes a token from the server. Returns the answer to send, or undefined if there is none. */
  nextToken(serverToken: Buffer, signal: AbortSignal): Promise<Buffer | undefined>;
  /** True once the server has proven its identity. A server that accepts the login before that is refused. */
  readonly complete: boolean;
  /** Releases all resources. Called exactly once, including after a failure or while a call is still in progress. */
  dispose(): void;
}
