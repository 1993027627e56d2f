import type { TLSSocket } from 'node:tls';

/** TLS versions with this binding (RFC 5929). TLS 1.3 has another one (RFC 9266), which no server is known to accept. */
const versions = ['TLSv1', 'TLSv1.1', 'TLSv1.2'];

/**
 * The channel binding `tls-unique` (RFC 5929, section 3), which SQL Server expects: the first Finished message of the
 * handshake. The client sends it in a full handshake, the server when a session is resumed.
 *
 * @returns undefined if there is none: without TLS, and in TLS 1.3
 */
export function channelBindingOf(socket: TLSSocket | undefined): Buffer | undefined {
  if (!socket || !versions.includes(socket.getProtocol() ?? '')) return undefined;
  const finished = socket.isSessionReused() ? socket.getPeerFinished() : socket.getFinished();
  return finished && Buffer.concat([Buffer.from('tls-unique:'), finished]);
}
