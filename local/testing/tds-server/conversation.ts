import type { Socket } from 'node:net';

export interface ClientMessage {
  readonly type: number;
  /** The number of packets of the message. */
  readonly packets: number;
  readonly body: Buffer;
  /** Whether the status bit for a session reset is set. */
  readonly reset: boolean;
}

export const messageType = {
  batch: 1,
  rpc: 3,
  attention: 6,
  transactionManager: 0x0e,
  login7: 0x10,
  sspi: 0x11,
  prelogin: 0x12,
} as const;

/** One client from the server's side: reads complete messages, and sends anything that the script wants. */
export class Conversation {
  readonly socket: Socket;
  #pending = Buffer.alloc(0);
  #parts: Buffer[] = [];
  readonly #messages: ClientMessage[] = [];
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('close', () => this.#wake?.());
    socket.on('data', (chunk) => this.#take(chunk));
  }

  /** The next message, or undefined when the client has disconnected. */
  async read(): Promise<ClientMessage | undefined> {
    while (this.#messages.length === 0 && !this.socket.destroyed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#messages.shift();
  }

  /** Sends tokens as one message, split into packets with this many bytes of data. */
  send(tokens: readonly Buffer[], { packetData = 4088 } = {}): void {
    const body = Buffer.concat(tokens);
    for (let at = 0; at < body.length || at === 0; at += packetData) {
      const data = body.subarray(at, at + packetData);
      this.socket.write(packet(data, at + packetData >= body.length));
    }
  }

  #take(chunk: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    while (this.#pending.length >= 8 && this.#pending.length >= this.#pending.readUInt16BE(2)) {
      const length = this.#pending.readUInt16BE(2);
      if (length < 8) return void this.socket.destroy(); // Not TDS.
      const [type = 0, status = 0] = this.#pending;
      this.#parts.push(this.#pending.subarray(8, length));
      this.#pending = this.#pending.subarray(length);
      if ((status & 1) === 0) continue;
      const body = Buffer.concat(this.#parts);
      this.#messages.push({ type, body, packets: this.#parts.length, reset: (status & 8) !== 0 });
      this.#parts = [];
      this.#wake?.();
    }
  }
}

/** A packet of a server's answer (type 4, [MS-TDS] 2.2.3.1). */
export function packet(data: Buffer, last: boolean): Buffer {
  const header = Buffer.from([4, last ? 1 : 0, 0, 0, 0, 0, 1, 0]);
  header.writeUInt16BE(data.length + 8, 2);
  return Buffer.concat([header, data]);
}
