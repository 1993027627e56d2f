import { malformed } from '../errors/kerberos-error.ts';
import { tag } from './write.ts';

/**
 * Reads DER strictly. Rejects with MESSAGE_MALFORMED: lengths that are indefinite, not minimal or too long, numbers
 * that are not minimal, fields that are out of order or repeated, and octets after the end. Values are read on demand,
 * so deep nesting costs nothing.
 */

/** One value, not yet decoded. Its buffers are views of the input. */
export interface Element {
  readonly identifier: number;
  readonly contents: Buffer;
  /** Identifier, length and contents as received. */
  readonly encoded: Buffer;
}

const CONTEXT = 0xa0;
const APPLICATION = 0x60;
const NUMBER = 0x1f;

/** @param what for the error: "the AP-REP" */
export function readElement(input: Buffer, what: string): Element {
  const found = elementAt(input, 0, what);
  if (found.encoded.length !== input.length) throw malformed(`There are octets after the end of ${what}`);
  return found;
}

/** The consecutive elements in the contents of a constructed one. */
export function readElements(contents: Buffer, what: string): Element[] {
  const found: Element[] = [];
  for (let offset = 0; offset < contents.length; ) {
    const next = elementAt(contents, offset, what);
    found.push(next);
    offset += next.encoded.length;
  }
  return found;
}

/** The element at this offset of the input, regardless of what follows. */
export function elementAt(input: Buffer, offset: number, what: string): Element {
  const identifier = input[offset];
  const short = input[offset + 1];
  if (identifier === undefined || short === undefined) throw malformed(`${what} is cut short`);
  if ((identifier & NUMBER) === NUMBER) throw malformed(`A tag in ${what} is out of range`);
  let length = short;
  let start = offset + 2;
  if (short >= 0x80) {
    const count = short & 0x7f;
    // Four octets are enough for any message. A count of zero means "indefinite", which DER forbids.
    if (count === 0 || count > 4 || start + count > input.length)
      throw malformed(`A length in ${what} is wrong`);
    length = input.readUIntBE(start, count);
    start += count;
    const minimal = length >= 0x80 && length >= 2 ** (8 * (count - 1));
    if (!minimal) throw malformed(`A length in ${what} is not in its shortest form`);
  }
  if (start + length > input.length) throw malformed(`${what} is cut short`);
  return {
    identifier,
    contents: input.subarray(start, start + length),
    encoded: input.subarray(offset, start + length),
  };
}

/** The value inside a message's application tag. @throws KerberosError if the tag is a different one */
export function insideApplication(input: Buffer, number: number, what: string): Element {
  const outer = readElement(input, what);
  expectIdentifier(outer, APPLICATION | number, what);
  return readElement(outer.contents, what);
}

/** The number of a message's application tag, or undefined if it has none. */
export function applicationNumber(input: Buffer): number | undefined {
  const identifier = input[0] ?? 0;
  return (identifier & ~NUMBER) === APPLICATION ? identifier & NUMBER : undefined;
}

/** Decodes a field. */
export type Read<T> = (value: Element, what: string) => T;

/** The fields of a SEQUENCE whose members have explicit context tags. Fields that are not requested are ignored. */
export class Fields {
  readonly #values = new Map<number, Element>();
  readonly #what: string;

  constructor(sequence: Element, what: string) {
    this.#what = what;
    expectIdentifier(sequence, tag.sequence, what);
    let last = -1;
    for (const { identifier, contents } of readElements(sequence.contents, what)) {
      const number = identifier & NUMBER;
      if ((identifier & ~NUMBER) !== CONTEXT || number <= last)
        throw malformed(`The fields of ${what} are not in order`);
      this.#values.set(number, readElement(contents, what));
      last = number;
    }
  }

  required<T>(number: number, read: Read<T>): T {
    const value = this.optional(number, read);
    if (value === undefined) throw malformed(`Field ${number} of ${this.#what} is missing`);
    return value;
  }

  optional<T>(number: number, read: Read<T>): T | undefined {
    const value = this.#values.get(number);
    return value && read(value, `field ${number} of ${this.#what}`);
  }
}

export function expectIdentifier(value: Element, identifier: number, what: string): void {
  if (value.identifier !== identifier) {
    const hex = (number: number) => `0x${number.toString(16).padStart(2, '0')}`;
    throw malformed(`${what} has tag ${hex(value.identifier)} in place of ${hex(identifier)}`);
  }
}
