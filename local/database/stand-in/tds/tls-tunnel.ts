import { Duplex } from 'node:stream';
import { packetType, toPackets } from './packets.ts';

type Done = (error?: Error | null) => void;
type Send = (bytes: Buffer, done?: Done) => void;

/**
 * Carries TLS inside TDS (MS-TDS 3.2.5.2 "SSL/TLS negotiation"). During the handshake, TLS records are the payload of
 * PRELOGIN packets; afterwards they are sent unchanged. The first byte shows the change: a PRELOGIN packet starts with 0x12,
 * a TLS record does not.
 */
export class TlsTunnel extends Duplex {
  readonly #send: Send;
  #handshaking = true;
  #incoming: Buffer = Buffer.alloc(0);
  #outgoing: Buffer[] = [];

  constructor(send: Send) {
    super();
    this.#send = send;
  }

  /** Bytes from the client's socket. */
  receive(chunk: Buffer): void {
    if (!this.#handshaking) {
      this.push(chunk);
      return;
    }
    this.#incoming = Buffer.concat([this.#incoming, chunk]);
    while (this.#incoming.length > 0) {
      if (this.#incoming[0] !== packetType.prelogin) {
        this.#handshaking = false;
        this.push(this.#incoming);
        this.#incoming = Buffer.alloc(0);
        return;
      }
      if (this.#incoming.length < 8) return;
      const length = this.#incoming.readUInt16BE(2);
      if (length < 8) {
        this.destroy(new Error('A PRELOGIN packet of the TLS handshake has a wrong length.'));
        return;
      }
      if (this.#incoming.length < length) return;
      this.push(this.#incoming.subarray(8, length));
      this.#incoming = this.#incoming.subarray(length);
    }
  }

  override _read(): void {}

  // Clients expect one message for each of theirs, so everything that TLS writes in one turn is sent as one message.
  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: Done): void {
    if (!this.#handshaking) {
      this.#send(chunk, callback);
      return;
    }
    if (this.#outgoing.length === 0) setImmediate(() => this.#flush());
    this.#outgoing.push(chunk);
    callback();
  }

  #flush(): void {
    const payload = Buffer.concat(this.#outgoing);
    this.#outgoing = [];
    this.#send(toPackets(packetType.prelogin, payload).bytes);
  }
}
