/** A growing buffer with the little-endian primitives of MS-TDS 2.2.5. */
export class ByteWriter {
  #buffer: Buffer = Buffer.allocUnsafe(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  #room(bytes: number): number {
    const at = this.#length;
    this.#length += bytes;
    if (this.#length > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#length, this.#buffer.length * 2));
      this.#buffer.copy(larger, 0, 0, at);
      this.#buffer = larger;
    }
    return at;
  }

  #number(size: number, write: (at: number) => void): this {
    write(this.#room(size));
    return this;
  }

  u8(value: number): this {
    return this.#number(1, (at) => this.#buffer.writeUInt8(value & 0xff, at));
  }

  u16(value: number): this {
    return this.#number(2, (at) => this.#buffer.writeUInt16LE(value, at));
  }

  u32(value: number): this {
    return this.#number(4, (at) => this.#buffer.writeUInt32LE(value >>> 0, at));
  }

  u32be(value: number): this {
    return this.#number(4, (at) => this.#buffer.writeUInt32BE(value >>> 0, at));
  }

  u64(value: bigint): this {
    return this.#number(8, (at) => this.#buffer.writeBigUInt64LE(BigInt.asUintN(64, value), at));
  }

  f64(value: number): this {
    return this.#number(8, (at) => this.#buffer.writeDoubleLE(value, at));
  }

  /** The lowest `size` bytes of a non-negative number. */
  uint(value: bigint, size: number): this {
    for (let i = 0; i < size; i++) this.u8(Number((value >> BigInt(8 * i)) & 0xffn));
    return this;
  }

  bytes(value: Uint8Array): this {
    const at = this.#room(value.length);
    this.#buffer.set(value, at);
    return this;
  }

  utf16(text: string): this {
    return this.bytes(Buffer.from(text, 'utf16le'));
  }

  /** B_VARCHAR: length in characters in one byte. */
  shortText(text: string): this {
    return this.u8(text.length).utf16(text);
  }

  /** US_VARCHAR: length in characters in two bytes. */
  longText(text: string): this {
    return this.u16(text.length).utf16(text);
  }

  /** Returns the bytes written so far and empties the writer. */
  take(): Buffer {
    const taken = Buffer.from(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
    return taken;
  }
}
