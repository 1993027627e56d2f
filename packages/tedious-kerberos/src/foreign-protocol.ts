import type { Socket } from 'node:net';

/** Types of packets that a server sends: an answer, and its part of TLS's handshake ([MS-TDS] 2.2.3.1.1). */
const answers: readonly (number | undefined)[] = [0x04, 0x12];
/** Records of TLS that come before any data: an alert, and the handshake (RFC 8446, section 5.1). */
const recordsOfTls: readonly (number | undefined)[] = [0x15, 0x16];
const shownBytes = 24;

/**
 * Tells of a peer whose first byte is none of TDS. tedious takes whatever comes for the header of a packet, and waits for as
 * much as that seems to announce.
 */
export function foreignProtocol(socket: Socket): {
  /** What it said, in words; pending for ever where that is TDS. */
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
  if (recordsOfTls.includes(first[0])) return "it answers in TLS, as with encrypt: 'strict'.";
  const text = first.toString('latin1', 0, shownBytes).replace(/[^ -~]/g, '.');
  return `its answer begins with "${text}", which is not TDS.`;
}
