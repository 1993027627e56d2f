import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type SecureContext, TLSSocket } from 'node:tls';
import { type Message, MessageAssembler, packetType, toPackets } from './packets.ts';
import { TlsTunnel } from './tls-tunnel.ts';

/** First byte of a TLS handshake record, with which a client of TDS 8.0 ("strict") starts. */
const tlsHandshakeRecord = 0x16;

/** Messages to and from one client, over the plain socket or through TLS. */
export class MessageChannel {
  packetSize = 4096;
  spid = 0;
  /** Called immediately when the client asks to cancel the running request; the message is queued as well. */
  onAttention: (() => void) | undefined;

  readonly #socket: Socket;
  readonly #assembler = new MessageAssembler();
  readonly #queue: Message[] = [];
  readonly #closed: Promise<unknown>;
  #stream: Duplex;
  #wake: (() => void) | undefined;
  #ended = false;
  #silent = false;
  #nextPacketId = 1;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#stream = socket;
    socket.setNoDelay(true);
    socket.on('error', () => this.close());
    socket.on('close', () => this.#end());
    this.#closed = new Promise((resolve) => socket.once('close', resolve));
  }

  /**
   * Waits for the first byte and starts reading. If the client starts a TLS handshake, it is answered with TLS on the plain
   * socket, and `strict` is true.
   */
  async open(secureContext: SecureContext): Promise<{ strict: boolean }> {
    const first = await Promise.race([
      new Promise<Buffer>((resolve) => this.#socket.once('data', resolve)),
      this.#closed.then(() => undefined),
    ]);
    if (first === undefined) return { strict: false };
    this.#socket.pause();
    const strict = first[0] === tlsHandshakeRecord;
    this.#socket.unshift(first);
    this.#attach(
      strict
        ? new TLSSocket(this.#socket, { isServer: true, secureContext, ALPNProtocols: ['tds/8.0'] })
        : this.#socket,
    );
    return { strict };
  }

  /** Switches to TLS, with its handshake inside PRELOGIN packets. */
  startTls(secureContext: SecureContext): void {
    const tunnel = new TlsTunnel((bytes, done) => this.#socket.write(bytes, done));
    this.#socket.removeAllListeners('data');
    this.#socket.on('data', (chunk: Buffer) => tunnel.receive(chunk));
    this.#socket.once('close', () => tunnel.destroy());
    tunnel.on('error', () => this.close());
    this.#attach(new TLSSocket(tunnel, { isServer: true, secureContext }));
  }

  #attach(stream: Duplex): void {
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => this.#receive(chunk));
    stream.on('error', () => this.close());
    stream.on('end', () => this.close());
    stream.resume();
  }

  #receive(chunk: Buffer): void {
    if (this.#silent) return;
    try {
      for (const message of this.#assembler.push(chunk)) {
        this.#queue.push(message);
        if (message.type === packetType.attention) this.onAttention?.();
      }
      this.#wake?.();
    } catch {
      this.close();
    }
  }

  /** The next message; undefined after the connection has ended. */
  async read(): Promise<Message | undefined> {
    while (this.#queue.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#queue.shift();
  }

  /** Sends a message or, if `last` is false, a part of one. Resolves when more can be sent. */
  async send(payload: Buffer, { last = true } = {}): Promise<void> {
    if (this.#ended || this.#silent || this.#stream.destroyed) return;
    const { packetSize, spid } = this;
    const options = { packetSize, spid, firstPacketId: this.#nextPacketId, last };
    const { bytes, nextPacketId } = toPackets(packetType.tabularResult, payload, options);
    this.#nextPacketId = last ? 1 : nextPacketId;
    if (this.#stream.write(bytes)) return;
    await Promise.race([once(this.#stream, 'drain').catch(() => {}), this.#closed]);
  }

  /** Whether the client has already cancelled its last request, before processing began. */
  get attentionWaits(): boolean {
    return this.#queue.some(({ type }) => type === packetType.attention);
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Sends the pending data, then ends the connection. */
  finish(): void {
    this.#stream.end();
  }

  /** Sends nothing more to the client, not even the end of the connection, as when the host dies. */
  fallSilent(): void {
    this.#silent = true;
  }

  /** Ends the connection immediately, as when the server's process dies. */
  close(): void {
    if (this.#silent) return;
    this.#socket.destroy();
    this.#end();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.onAttention?.();
    this.#wake?.();
  }
}
