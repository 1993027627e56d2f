/**
 * Writes DER (X.690, section 10): definite lengths in their shortest form. Covers only what Kerberos and SPNEGO need:
 * RFC 4120 tags every field explicitly, and no tag has a number above 30.
 */

/** Identifier octets of the universal types. */
export const tag = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  enumerated: 0x0a,
  generalizedTime: 0x18,
  generalString: 0x1b,
  sequence: 0x30,
} as const;

const APPLICATION = 0x60;
const CONTEXT = 0xa0;

/** One value: identifier octet, length, contents. */
export function element(identifier: number, contents: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([identifier]), lengthOctets(contents.length), contents]);
}

function lengthOctets(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return Buffer.from([0x80 | octets.length, ...octets]);
}

/** `{ 1: a, 3: b }` → SEQUENCE { [1] a, [3] b }; undefined fields are left out. */
export function fields(values: Readonly<Record<number, Buffer | undefined>>): Buffer {
  // Integer keys of an object are in ascending order, as DER requires.
  const present = Object.entries(values).flatMap(([number, value]) =>
    value === undefined ? [] : [contextTagged(Number(number), value)],
  );
  return element(tag.sequence, Buffer.concat(present));
}

export function contextTagged(number: number, value: Uint8Array): Buffer {
  return element(CONTEXT | number, value);
}

export function application(number: number, value: Uint8Array): Buffer {
  return element(APPLICATION | number, value);
}

export function sequenceOf(values: readonly Uint8Array[]): Buffer {
  return element(tag.sequence, Buffer.concat(values));
}

/** An integer up to 2⁵³, possibly negative, in two's complement. */
export function integer(value: number): Buffer {
  const octets: number[] = [];
  let rest = value;
  do {
    octets.unshift(((rest % 256) + 256) % 256);
    rest = Math.floor(rest / 256);
  } while (!(rest === 0 && (octets[0] as number) < 0x80) && !(rest === -1 && (octets[0] as number) >= 0x80));
  return element(tag.integer, Buffer.from(octets));
}

export function enumerated(value: number): Buffer {
  return element(tag.enumerated, Buffer.from([value]));
}

export function octetString(value: Uint8Array): Buffer {
  return element(tag.octetString, value);
}

/** KerberosFlags: 32 bits, of which bit 0 is the most significant one. */
export function flags(bits: readonly number[]): Buffer {
  const contents = Buffer.alloc(5); // the first octet is the number of unused bits in the last: none
  for (const bit of bits)
    contents[1 + (bit >> 3)] = (contents[1 + (bit >> 3)] as number) | (0x80 >> (bit & 7));
  return element(tag.bitString, contents);
}

/** KerberosString. In practice, all implementations put UTF-8 into it. */
export function generalString(value: Uint8Array | string): Buffer {
  return element(tag.generalString, Buffer.from(value as Uint8Array));
}

/** KerberosTime: UTC without fractions of a second (RFC 4120, section 5.2.3). */
export function kerberosTime(value: Date): Buffer {
  const digits = value
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replace(/\D/g, '');
  return element(tag.generalizedTime, Buffer.from(`${digits}Z`));
}

/** @param dotted for example `1.2.840.113554.1.2.2` */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const octets = [first * 40 + second, ...rest].flatMap((arc) => {
    const groups = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    return groups;
  });
  return element(tag.objectIdentifier, Buffer.from(octets));
}
