import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decimalNumber, decimalText, precisionOf, rescale } from './decimal-number.ts';

test.each([
  [19.99, '19.99'],
  ['19.990', '19.990'],
  [-0.5, '-0.5'],
  ['.5', '0.5'],
  ['5.', '5'],
  ['+7', '7'],
  [1e21, '1000000000000000000000'],
  [1e-7, '0.0000001'],
  ['1.5e3', '1500'],
  [12345678901234567890n, '12345678901234567890'],
  ['12345678901234567890.123456789', '12345678901234567890.123456789'],
])('%s is %s', (value, text) => {
  const number = decimalNumber(value);
  expect(number && decimalText(number)).toBe(text);
});

test.each([
  '',
  '.',
  '-',
  '1,5',
  '12abc',
  ' 1',
  'NaN',
  'Infinity',
  '1e',
  '0x10',
  '1e999999999',
  '1'.repeat(401),
])('%j is no number', (value) => {
  expect(decimalNumber(value)).toBeUndefined();
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, undefined, null, {}, [], true])(
  '%s is not a number either',
  (value) => {
    expect(decimalNumber(value)).toBeUndefined();
  },
);

test.each([
  ['1.005', 2, '1.01'],
  ['-1.005', 2, '-1.01'],
  ['1.0049', 2, '1.00'],
  ['0.5', 0, '1'],
  ['-0.4', 0, '0'],
  ['2', 3, '2.000'],
])('%s with %i digits after the point is %s', (text, digits, rounded) => {
  const number = decimalNumber(text);
  expect(number && decimalText(rescale(number, digits))).toBe(rounded);
});

test('any number of any scale is read exactly', () => {
  fc.assert(
    fc.property(fc.bigInt(-(10n ** 38n) + 1n, 10n ** 38n - 1n), fc.nat(38), (unscaled, scale) => {
      const number = decimalNumber(decimalText({ unscaled, scale }));
      expect(number).toEqual({ unscaled, scale });
      expect(precisionOf({ unscaled, scale })).toBeLessThanOrEqual(38);
    }),
  );
});

test('any JavaScript number survives a round trip', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const number = decimalNumber(value);
      expect(number && Number(decimalText(number))).toBe(value === 0 ? 0 : value);
    }),
  );
});
