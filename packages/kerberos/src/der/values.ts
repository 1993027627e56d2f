import { malformed } from '../errors/kerberos-error.ts';
import { type Element, expectIdentifier, Fields, type Read, readElements } from './read.ts';
import { tag } from './write.ts';

/** Readers of the types that Kerberos uses. Each rejects other types and anything that is not DER. */

/** INTEGER of up to six octets, in its shortest form. */
export const readInteger: Read<number> = (value, what) => {
  expectIdentifier(value, tag.integer, what);
  return shortestNumber(value.contents, what);
};

/** UInt32 (RFC 4120, section 5.2.4). */
export const readUInt32: Read<number> = (value, what) =>
  within(readInteger(value, what), 0, 2 ** 32 - 1, what);

/**
 * UInt32 of a sequence number, which old implementations encode as a negative number; like MIT Kerberos, accepts both.
 */
export const readSequenceNumber: Read<number> = (value, what) =>
  within(readInteger(value, what), -(2 ** 31), 2 ** 32 - 1, what) >>> 0;

/** Int32 (RFC 4120, section 5.2.4): type numbers, some of them negative. */
export const readInt32: Read<number> = (value, what) =>
  within(readInteger(value, what), -(2 ** 31), 2 ** 31 - 1, what);

/** Microseconds (RFC 4120, section 5.2.4). */
export const readMicroseconds: Read<number> = (value, what) =>
  within(readInteger(value, what), 0, 999_999, what);

export const readEnumerated: Read<number> = (value, what) => {
  expectIdentifier(value, tag.enumerated, what);
  return shortestNumber(value.contents, what);
};

export const readOctets: Read<Buffer> = (value, what) => {
  expectIdentifier(value, tag.octetString, what);
  return value.contents;
};

/** GeneralString as octets, because names are compared octet by octet. */
export const readString: Read<Buffer> = (value, what) => {
  expectIdentifier(value, tag.generalString, what);
  return value.contents;
};

/** KerberosFlags as a number; bit 0 is the most significant one. Bits above 31 are ignored, missing ones are 0. */
export const readFlags: Read<number> = (value, what) => {
  expectIdentifier(value, tag.bitString, what);
  const [unused = 255, ...octets] = value.contents;
  const last = octets.at(-1) ?? 0;
  if (unused > 7 || (octets.length === 0 && unused > 0) || (last & ((1 << unused) - 1)) !== 0) {
    throw malformed(`${what} is not a bit string`);
  }
  return Buffer.from([...octets.slice(0, 4), 0, 0, 0, 0]).readUInt32BE();
};

/** KerberosTime: exactly `YYYYMMDDHHMMSSZ` (RFC 4120, section 5.2.3). */
export const readTime: Read<Date> = (value, what) => {
  expectIdentifier(value, tag.generalizedTime, what);
  const text = value.contents.toString('latin1');
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const time = new Date(iso);
  // Date would turn an impossible date, such as 30 February, into another one.
  if (Number.isNaN(time.getTime()) || time.toISOString() !== iso) throw malformed(`${what} is not a time`);
  return time;
};

export const readObjectIdentifier: Read<string> = (value, what) => {
  expectIdentifier(value, tag.objectIdentifier, what);
  const arcs: number[] = [];
  let arc = 0;
  let begins = true;
  for (const octet of value.contents) {
    if (begins && octet === 0x80) throw malformed(`${what} is not in its shortest form`);
    arc = arc * 128 + (octet & 0x7f);
    if (arc > Number.MAX_SAFE_INTEGER / 128) throw malformed(`${what} is not an object identifier`);
    begins = octet < 0x80;
    if (begins) {
      arcs.push(arc);
      arc = 0;
    }
  }
  const [first] = arcs;
  if (first === undefined || !begins) throw malformed(`${what} is not an object identifier`);
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - root * 40, ...arcs.slice(1)].join('.');
};

/** The octets as received, including the tag. */
export const readEncoded: Read<Buffer> = ({ encoded }) => encoded;

/** SEQUENCE OF. */
export function listOf<T>(read: Read<T>): Read<T[]> {
  return (value, what) => {
    expectIdentifier(value, tag.sequence, what);
    return readElements(value.contents, what).map((member) => read(member, what));
  };
}

/** A SEQUENCE with explicit tags. */
export function structure<T>(read: (fields: Fields) => T): Read<T> {
  return (value: Element, what) => read(new Fields(value, what));
}

function shortestNumber(contents: Buffer, what: string): number {
  const [first, second] = contents;
  if (first === undefined || contents.length > 6) throw malformed(`${what} is not a number within range`);
  const padded =
    second !== undefined && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80));
  if (padded) throw malformed(`${what} is not in its shortest form`);
  return contents.readIntBE(0, contents.length);
}

function within(value: number, low: number, high: number, what: string): number {
  if (value < low || value > high) throw malformed(`${what} is out of range`);
  return value;
}
