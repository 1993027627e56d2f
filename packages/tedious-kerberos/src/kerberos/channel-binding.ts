import type { TLSSocket } from 'node:tls';

/** Versions that have the binding; TLS 1.3 has other ones, which no server is known to take (RFC 5929; RFC 9266). */
const versions = ['TLSv1', 'TLSv1.1', 'TLSv1.2'];

/**
 * The channel binding `tls-unique` (RFC 5929, section 3), which SQL Server expects: the first Finished message of the
 * handshake. That is the client's, and when a session was resumed the server's.
 *
 * @returns nothing where there is none: without TLS, and in TLS 1.3
 */
export function channelBindingOf(socket: TLSSocket | undefined): Buffer | undefined {
  if (!socket || !versions.includes(socket.getProtocol() ?? '')) return undefined;
  const finished = socket.isSessionReused() ? socket.getPeerFinished() : socket.getFinished();
  return finished && Buffer.concat([Buffer.from('tls-unique:'), finished]);
}
