import * as asn1js from 'asn1js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KerberosError } from '../errors/kerberos-error.ts';
import { type Element, Fields, readElement } from './read.ts';
import {
  listOf,
  readFlags,
  readInteger,
  readObjectIdentifier,
  readOctets,
  readString,
  readTime,
} from './values.ts';
import * as der from './write.ts';

const element = (octets: Buffer | string) =>
  readElement(typeof octets === 'string' ? Buffer.from(octets, 'hex') : octets, 'the value');
const other = (block: asn1js.BaseBlock) => Buffer.from(block.toBER());
const malformed = expect.objectContaining({ code: 'MESSAGE_MALFORMED' });

test('whole numbers are written as asn1js writes them, and read back', () => {
  // asn1js encodes these with one octet too many.
  const lowest = [1, 2, 3, 4, 5].map((octets) => -(2 ** (8 * octets - 1)));
  const number = fc.oneof(
    fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
    fc.constantFrom(0, 127, 128, 255, 256, -1, -129, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, ...lowest),
  );
  fc.assert(
    fc.property(number, (value) => {
      const written = der.integer(value);
      if (!lowest.includes(value)) expect(written.equals(other(asn1js.Integer.fromBigInt(value)))).toBe(true);
      expect(readInteger(element(written), 'the number')).toBe(value);
    }),
  );
});

test('octets, strings, times and identifiers are written as asn1js writes them, and read back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70_000, size: 'large' }), (octets) => {
      const written = der.octetString(octets);
      expect(written.equals(other(new asn1js.OctetString({ valueHex: octets })))).toBe(true);
      expect(readOctets(element(written), 'the octets').equals(octets)).toBe(true);
    }),
    { numRuns: 30 },
  );
  fc.assert(
    fc.property(fc.stringMatching(/^[ -~]*$/), (text) => {
      const written = der.generalString(text);
      expect(written.equals(other(new asn1js.GeneralString({ value: text })))).toBe(true);
      expect(readString(element(written), 'the text').toString()).toBe(text);
    }),
  );
  fc.assert(
    fc.property(
      fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }),
      (date) => {
        const time = new Date(Math.floor(date.getTime() / 1000) * 1000);
        const written = der.kerberosTime(date);
        expect(written.equals(other(new asn1js.GeneralizedTime({ valueDate: time })))).toBe(true);
        expect(readTime(element(written), 'the time')).toEqual(time);
      },
    ),
  );
  const identifier = fc
    .tuple(fc.nat(2), fc.nat(39), fc.array(fc.nat(2 ** 28), { maxLength: 6 }))
    .map(([first, second, rest]) => [first, second, ...rest].join('.'));
  fc.assert(
    fc.property(identifier, (dotted) => {
      const written = der.objectIdentifier(dotted);
      expect(written.equals(other(new asn1js.ObjectIdentifier({ value: dotted })))).toBe(true);
      expect(readObjectIdentifier(element(written), 'the identifier')).toBe(dotted);
    }),
  );
});

test('structures are written as asn1js writes them, and their fields read back', () => {
  const numbers = fc.uniqueArray(fc.nat(30), { maxLength: 12 });
  fc.assert(
    fc.property(numbers, (tags) => {
      const written = der.fields(Object.fromEntries(tags.map((tag) => [tag, der.integer(tag * 1000)])));
      const value = [...tags]
        .sort((a, b) => a - b)
        .map(
          (tag) =>
            new asn1js.Constructed({
              idBlock: { tagClass: 3, tagNumber: tag },
              value: [asn1js.Integer.fromBigInt(tag * 1000)],
            }),
        );
      expect(written.equals(other(new asn1js.Sequence({ value })))).toBe(true);
      const fields = new Fields(element(written), 'the structure');
      for (const tag of tags) expect(fields.required(tag, readInteger)).toBe(tag * 1000);
      expect(() => fields.required(31, readInteger)).toThrow(malformed);
    }),
  );
});

test('flags count from the most significant bit; more or fewer than 32 are read too', () => {
  expect(der.flags([1, 8, 15]).toString('hex')).toBe('03050040810000');
  expect(readFlags(element('03050040810000'), 'flags')).toBe(0x40810000);
  expect(readFlags(element('03020780'), 'flags')).toBe(0x80000000);
  expect(readFlags(element('030100'), 'flags')).toBe(0);
  expect(readFlags(element('0306000000000101'), 'flags')).toBe(1);
});

const values = (value: Element) => [
  () => readInteger(value, 'it'),
  () => readFlags(value, 'it'),
  () => readTime(value, 'it'),
  () => readObjectIdentifier(value, 'it'),
  () => listOf(readInteger)(value, 'it'),
  () => new Fields(value, 'it'),
];

test.each([
  ['nothing', ''],
  ['a tag alone', '02'],
  ['an indefinite length', '30800201010000'],
  ['a length that is not minimal', '02810101'],
  ['a length with a leading zero', `04820080${'00'.repeat(128)}`],
  ['a length beyond the end', '020501'],
  ['a length of five octets', '0485000000000100'],
  ['octets after the end', '02010100'],
  ['a tag number above 30', '1f200101'],
])('refused: %s', (_, octets) => {
  expect(() => element(octets)).toThrow(malformed);
});

test.each([
  ['an empty number', '0200'],
  ['a number with a zero too many', '02020001'],
  ['a number with ones too many', '0202ff80'],
  ['a number of seven octets', '020701000000000000'],
  ['a bit string that says nothing of its unused bits', '0300'],
  ['a bit string with eight unused bits', '03020800'],
  ['a bit string whose unused bits are set', '03020101'],
  ['a time with a fraction', `1811${Buffer.from('20260101000000.5Z').toString('hex')}`],
  ['a time of another zone', `1813${Buffer.from('20260101000000+0100').toString('hex')}`],
  ['a day that does not exist', `180f${Buffer.from('20260230000000Z').toString('hex')}`],
  ['an empty identifier', '0600'],
  ['an identifier that ends in the middle', '06022a86'],
  ['an identifier with a leading zero group', '06032a8001'],
  ['fields out of order', '300aa203020101a103020101'],
  ['a field given twice', '300aa103020101a103020101'],
  ['a field without a context tag', '3003040101'],
  ['a field with two values', '3008a106020101020101'],
])('refused by its reader: %s', (_, octets) => {
  const value = element(octets);
  const outcomes = values(value).map((read) => {
    try {
      return read();
    } catch (error) {
      return error;
    }
  });
  expect(outcomes.filter((outcome) => !(outcome instanceof KerberosError))).toEqual([]);
});

test('random octets cause only the documented error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (octets) => {
      try {
        const value = element(Buffer.from(octets));
        for (const read of values(value)) {
          try {
            read();
          } catch (error) {
            expect(error).toMatchObject({ code: 'MESSAGE_MALFORMED' });
          }
        }
      } catch (error) {
        expect(error).toMatchObject({ code: 'MESSAGE_MALFORMED' });
      }
    }),
    { numRuns: 2000 },
  );
});
