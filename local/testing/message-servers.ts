import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

export interface Listening {
  readonly host: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** A server that accepts messages with a length prefix and sends answers unchanged; no answer is sent for undefined. */
export async function tcpServer(
  answer: (message: Buffer, socket: Socket) => Buffer | undefined,
): Promise<Listening> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    let received = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 4 || received.length < 4 + received.readUInt32BE()) return;
      const octets = answer(received.subarray(4), socket);
      if (octets) socket.write(octets);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A KDC over TCP, whose answers get a length prefix. */
export function kdcServer(answer: (message: Buffer) => Buffer): Promise<Listening> {
  return tcpServer((message) => {
    const octets = answer(message);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(octets.length);
    return Buffer.concat([length, octets]);
  });
}

/** @param port for example the one that a TCP server uses; default: any */
export async function udpServer(
  answer: (message: Buffer) => Buffer | undefined,
  port = 0,
): Promise<Listening> {
  const socket = createSocket('udp4');
  socket.on('message', (message, { address, port: from }) => {
    const octets = answer(message);
    if (octets) socket.send(octets, from, address);
  });
  socket.bind(port, '127.0.0.1');
  await once(socket, 'listening');
  return {
    host: '127.0.0.1',
    port: socket.address().port,
    async stop() {
      socket.close();
      await once(socket, 'close');
    },
  };
}
