import type { Socket } from 'node:net';

/** Packet types that a server sends: a response, and its part of the TLS handshake ([MS-TDS] 2.2.3.1.1). */
const answers: readonly (number | undefined)[] = [0x04, 0x12];
/** TLS records that come before any data: alert and handshake (RFC 8446, section 5.1). */
const recordsOfTls: readonly (number | undefined)[] = [0x15, 0x16];
const shownBytes = 24;

/**
 * Detects a peer whose first byte is not TDS. tedious would parse any bytes as a packet header and wait for as much data as
 * that seems to announce.
 */
export function foreignProtocol(socket: Socket): {
  /** Describes what the peer sent; stays pending if it speaks TDS. */
  readonly found: Promise<string>;
  stop(): void;
} {
  const { promise: found, resolve } = Promise.withResolvers<string>();
  const onData = (first: Buffer) => {
    if (!answers.includes(first[0])) resolve(describe(first));
  };
  socket.once('data', onData);
  return { found, stop: () => void socket.removeListener('data', onData) };
}

function describe(first: Buffer): string {
  if (recordsOfTls.includes(first[0])) return "it answers with TLS, as it would with encrypt: 'strict'.";
  const text = first.toString('latin1', 0, shownBytes).replace(/[^ -~]/g, '.');
  return `its answer begins with "${text}", which is not TDS.`;
}
