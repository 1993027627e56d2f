/** Reads the little-endian primitives of MS-TDS 2.2.5; throws RangeError past the end. */
export class ByteReader {
  readonly #buffer: Buffer;
  #offset = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  get remaining(): number {
    return this.#buffer.length - this.#offset;
  }

  #advance(bytes: number): number {
    if (bytes > this.remaining) throw new RangeError('A TDS message ends too early.');
    const at = this.#offset;
    this.#offset += bytes;
    return at;
  }

  u8(): number {
    return this.#buffer.readUInt8(this.#advance(1));
  }

  /** The next byte, without consuming it. */
  peekU8(): number | undefined {
    return this.#buffer[this.#offset];
  }

  u16(): number {
    return this.#buffer.readUInt16LE(this.#advance(2));
  }

  u32(): number {
    return this.#buffer.readUInt32LE(this.#advance(4));
  }

  u64(): bigint {
    return this.#buffer.readBigUInt64LE(this.#advance(8));
  }

  bytes(length: number): Buffer {
    const at = this.#advance(length);
    return this.#buffer.subarray(at, at + length);
  }

  utf16(characters: number): string {
    return this.bytes(characters * 2).toString('utf16le');
  }

  shortText(): string {
    return this.utf16(this.u8());
  }

  longText(): string {
    return this.utf16(this.u16());
  }

  /** The remaining bytes. */
  rest(): Buffer {
    return this.bytes(this.remaining);
  }
}
