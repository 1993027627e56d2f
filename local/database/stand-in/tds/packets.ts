/** Packet types, MS-TDS 2.2.3.1.1. */
export const packetType = {
  sqlBatch: 0x01,
  rpc: 0x03,
  tabularResult: 0x04,
  attention: 0x06,
  transactionManager: 0x0e,
  login7: 0x10,
  sspi: 0x11,
  prelogin: 0x12,
} as const;

const headerLength = 8;

/** Status bits, MS-TDS 2.2.3.1.2. */
const status = { endOfMessage: 0x01, ignore: 0x02, resetConnection: 0x08, resetKeepingTransaction: 0x10 };

/** A complete message, assembled from its packets. */
export interface Message {
  readonly type: number;
  readonly payload: Buffer;
  /** The client cancelled while sending, so the content must be ignored. */
  readonly ignored: boolean;
  readonly resetConnection: boolean;
  readonly keepTransaction: boolean;
}

/** More than any client here sends; protects memory from a faulty client. */
const maximumMessageLength = 64 * 1024 * 1024;

/** Assembles messages from a byte stream that may be split anywhere. */
export class MessageAssembler {
  #buffered: Buffer = Buffer.alloc(0);
  #parts: Buffer[] = [];
  #length = 0;
  #firstStatus = 0;

  /** Accepts bytes and returns the messages that they complete. Throws on data that cannot be TDS. */
  push(chunk: Buffer): Message[] {
    this.#buffered = this.#buffered.length === 0 ? chunk : Buffer.concat([this.#buffered, chunk]);
    const messages: Message[] = [];
    while (this.#buffered.length >= headerLength) {
      const length = this.#buffered.readUInt16BE(2);
      if (length < headerLength) throw new Error(`A TDS packet says it is ${length} bytes long.`);
      if (this.#buffered.length < length) break;
      const message = this.#take(this.#buffered.subarray(0, length));
      this.#buffered = this.#buffered.subarray(length);
      if (message) messages.push(message);
    }
    return messages;
  }

  #take(packet: Buffer): Message | undefined {
    const bits = packet.readUInt8(1);
    if (this.#parts.length === 0) this.#firstStatus = bits;
    this.#parts.push(packet.subarray(headerLength));
    this.#length += packet.length;
    if (this.#length > maximumMessageLength) throw new Error('A TDS message is longer than 64 MiB.');
    if ((bits & status.endOfMessage) === 0) return undefined;
    const payload = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#length = 0;
    return {
      type: packet.readUInt8(0),
      payload,
      ignored: (bits & status.ignore) !== 0,
      resetConnection: (this.#firstStatus & (status.resetConnection | status.resetKeepingTransaction)) !== 0,
      keepTransaction: (this.#firstStatus & status.resetKeepingTransaction) !== 0,
    };
  }
}

/** Splits a message into packets of up to `packetSize` bytes, including the header; `last` marks the message's end. */
export function toPackets(
  type: number,
  payload: Buffer,
  { packetSize = 4096, spid = 0, firstPacketId = 1, last = true } = {},
): { bytes: Buffer; nextPacketId: number } {
  const room = packetSize - headerLength;
  const packets: Buffer[] = [];
  let packetId = firstPacketId;
  let offset = 0;
  do {
    const part = payload.subarray(offset, offset + room);
    offset += part.length;
    const header = Buffer.alloc(headerLength);
    header.writeUInt8(type, 0);
    header.writeUInt8(last && offset >= payload.length ? status.endOfMessage : 0, 1);
    header.writeUInt16BE(part.length + headerLength, 2);
    header.writeUInt16BE(spid & 0xffff, 4);
    header.writeUInt8(packetId++ & 0xff, 6);
    packets.push(header, part);
  } while (offset < payload.length);
  return { bytes: Buffer.concat(packets), nextPacketId: packetId };
}
