import { TYPES } from 'tedious';
import { type DataType, refine, shown } from './data-type.ts';
import { type DecimalNumber, decimalNumber, decimalText, precisionOf, rescale } from './decimal-number.ts';

const mostDigits = 38;
/** The scale for null, which has no digits to count: half of the digits before the point, half after it. */
const scaleOfNull = 19;

function numberOf(value: unknown): DecimalNumber {
  const number = decimalNumber(value);
  if (!number) throw new TypeError(`${shown(value)} is not a number in decimal digits.`);
  return number;
}

/** `TinyInt` to `BigInt`. tedious would drop a fraction and read an empty string as 0. */
function wholeNumber(type: DataType): DataType {
  return refine(type, {
    check(value, collation) {
      const number = typeof value === 'boolean' ? numberOf(BigInt(value)) : numberOf(value);
      const whole = rescale(number, 0);
      if (rescale(whole, number.scale).unscaled !== number.unscaled) {
        throw new TypeError(`${shown(value)} is not a whole number: ${type.name} would drop its fraction.`);
      }
      if (typeof value === 'number' && !Number.isSafeInteger(value)) {
        throw new TypeError(
          `${shown(value)} is beyond the integers that a number holds exactly: give a bigint.`,
        );
      }
      return type.validate(type.name === 'BigInt' ? whole.unscaled : Number(whole.unscaled), collation);
    },
  });
}

/**
 * `Float` and `Real`. SQL Server has neither Infinity nor NaN, and tedious would read `12abc` as 12. A fraction may be
 * rounded to the nearest value that the type has; a whole number must not change, and no other value may become zero.
 */
function floatingPoint(type: DataType, round: (value: number) => number, digits: number): DataType {
  return refine(type, {
    check(value) {
      if (typeof value !== 'number') numberOf(value);
      const number = Number(value);
      if (!Number.isFinite(round(number))) {
        throw new TypeError(
          `${shown(value)} is beyond what ${type.name} holds: SQL Server has no Infinity or NaN.`,
        );
      }
      if (typeof value === 'bigint' && BigInt(number) !== value) {
        throw new TypeError(`${shown(value)} has more digits than ${type.name} holds: choose Decimal.`);
      }
      if (!keeps(value, round(number), digits)) {
        throw new TypeError(`${shown(value)} would be changed by ${type.name}: choose Decimal.`);
      }
      return number;
    },
  });
}

/** Whether a whole number is still the same once stored, written with `digits` digits. A fraction only must not become 0. */
function keeps(value: unknown, held: number, digits: number): boolean {
  const given = numberOf(value);
  if (held === 0) return given.unscaled === 0n;
  const whole = rescale(rescale(given, 0), given.scale).unscaled === given.unscaled;
  const names = (text: string) => {
    const named = numberOf(text);
    const scale = Math.max(named.scale, given.scale);
    return rescale(named, scale).unscaled === rescale(given, scale).unscaled;
  };
  return !whole || names(String(held)) || names(held.toPrecision(digits));
}

/**
 * `Decimal` and `Numeric`, written digit by digit. tedious would go through a binary fraction and declare `decimal(18, 0)`.
 * The scale defaults to that of the value, the precision to 18, or more if the value needs it.
 */
function exactDecimal(type: DataType): DataType {
  function fitting(
    value: DecimalNumber,
    precision: number | undefined,
    scale: number | undefined,
  ): DecimalNumber {
    const rounded = rescale(value, scale ?? value.scale);
    const needed = precisionOf(rounded);
    const most = precision ?? mostDigits;
    if (needed <= most) return rounded;
    const declared = `${type.name}(${most}, ${rounded.scale})`;
    throw new TypeError(`${decimalText(value)} takes ${needed} digits, more than ${declared} holds.`);
  }
  return refine(type, {
    check: numberOf,
    declare({ value, precision, scale }) {
      wholeBetween('precision', precision, 1, mostDigits);
      wholeBetween('scale', scale, 0, precision ?? mostDigits);
      if (value === null) {
        const least = scale ?? (precision === undefined ? scaleOfNull : Math.floor(precision / 2));
        return { value, precision: precision ?? mostDigits, scale: least };
      }
      const rounded = fitting(value as DecimalNumber, precision, scale);
      return {
        value: rounded,
        precision: precision ?? Math.max(18, precisionOf(rounded)),
        scale: rounded.scale,
      };
    },
    writeValue(buffer, { value, precision, scale }) {
      if (value === null) return buffer.writeUInt8(0);
      const { unscaled } = fitting(value as DecimalNumber, precision, scale);
      const bytes = decimalBytes(precision as number);
      buffer.writeUInt8(bytes + 1);
      buffer.writeUInt8(unscaled < 0n ? 0 : 1);
      buffer.writeBuffer(littleEndian(unscaled < 0n ? -unscaled : unscaled, bytes));
    },
  });
}

/** Number of bytes for the digits of a decimal ([MS-TDS] 2.2.5.5.1.6). */
function decimalBytes(precision: number): number {
  if (precision <= 9) return 4;
  if (precision <= 19) return 8;
  return precision <= 28 ? 12 : 16;
}

function littleEndian(value: bigint, bytes: number): Buffer {
  return Buffer.from(value.toString(16).padStart(bytes * 2, '0'), 'hex').reverse();
}

/** `Money` and `SmallMoney`: ten-thousandths, rounded as SQL Server rounds. tedious would truncate 19.99 to 19.9899. */
function money(type: DataType, bytes: 4 | 8): DataType {
  return refine(type, {
    check(value) {
      const tenThousandths = rescale(numberOf(value), 4);
      if (BigInt.asIntN(bytes * 8, tenThousandths.unscaled) !== tenThousandths.unscaled) {
        throw new TypeError(`${decimalText(tenThousandths)} is beyond what ${type.name} holds.`);
      }
      return tenThousandths;
    },
    writeValue(buffer, { value }) {
      if (value === null) return buffer.writeUInt8(0);
      const { unscaled } = value as DecimalNumber;
      buffer.writeUInt8(bytes);
      if (bytes === 8) buffer.writeInt32LE(Number(unscaled >> 32n));
      buffer.writeInt32LE(Number(BigInt.asIntN(32, unscaled)));
    },
  });
}

/** tedious would send any non-empty value as true, even the string `false`. */
function bit(type: DataType): DataType {
  return refine(type, {
    check(value) {
      if (value === true || value === 1 || value === 1n) return true;
      if (value === false || value === 0 || value === 0n) return false;
      throw new TypeError(`${shown(value)} is neither true nor false.`);
    },
  });
}

/** @throws TypeError for a length, precision or scale out of range */
export function wholeBetween(name: string, value: number | undefined, least: number, most: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return;
  throw new TypeError(`Its ${name} must be a whole number from ${least} to ${most}, not ${shown(value)}.`);
}

export const numberTypes: readonly DataType[] = [
  ...[TYPES.TinyInt, TYPES.SmallInt, TYPES.Int, TYPES.BigInt].map(wholeNumber),
  floatingPoint(TYPES.Float, (value) => value, 15),
  floatingPoint(TYPES.Real, Math.fround, 7),
  exactDecimal(TYPES.Decimal),
  exactDecimal(TYPES.Numeric),
  money(TYPES.Money, 8),
  money(TYPES.SmallMoney, 4),
  bit(TYPES.Bit),
];
