import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const PORT = 88;

/**
 * Sends one message to a KDC over TCP and returns its answer (RFC 4120, section 7.2.2: a length of four octets first).
 *
 * @param milliseconds limit for connecting and for the answer
 * @throws Error when the KDC cannot be reached or gives no whole answer in time
 */
export async function askKdc(host: string, message: Buffer, milliseconds: number): Promise<Buffer> {
  const signal = AbortSignal.timeout(milliseconds);
  const socket = connect({ host, port: PORT });
  try {
    await once(socket, 'connect', { signal });
    const length = Buffer.alloc(4);
    length.writeUInt32BE(message.length);
    socket.write(Buffer.concat([length, message]));
    return await wholeAnswer(socket, signal);
  } finally {
    socket.destroy();
  }
}

async function wholeAnswer(socket: Socket, signal: AbortSignal): Promise<Buffer> {
  let received = Buffer.alloc(0);
  signal.addEventListener('abort', () => socket.destroy(new Error('No answer in time.')), { once: true });
  for await (const chunk of socket) {
    received = Buffer.concat([received, chunk as Buffer]);
    if (received.length < 4) continue;
    const length = received.readUInt32BE();
    if (received.length >= 4 + length) return received.subarray(4, 4 + length);
  }
  throw new Error('The connection ended before the answer was whole.');
}
