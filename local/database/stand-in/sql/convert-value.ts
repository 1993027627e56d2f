import { type SqlError, sqlError } from '../sql-error.ts';
import { formatDate, formatTime, fromDatetime, parseTemporal, toDatetime } from '../tds/temporal.ts';
import {
  type DataType,
  formatType,
  isBinary,
  isInteger,
  isTemporal,
  isText,
  type SqlValue,
} from './data-types.ts';

const ranges: Readonly<Record<string, readonly [bigint, bigint]>> = {
  tinyint: [0n, 255n],
  smallint: [-32768n, 32767n],
  int: [-2147483648n, 2147483647n],
  bigint: [-(2n ** 63n), 2n ** 63n - 1n],
};

function conversionFailed(value: SqlValue, from: DataType, to: DataType): SqlError {
  if (isTemporal(to)) return sqlError(241);
  const what = from.name === to.name || value instanceof Uint8Array ? '' : ` value '${value}'`;
  return sqlError(245, from.name, what, to.name);
}

function overflow(to: DataType): SqlError {
  return sqlError(8115, formatType(to));
}

/**
 * Converts a value to another type, as CAST and assignments do. Errors: 245 (text is not a number), 241 (text is not a
 * date), 8115 (out of range). Text that is too long is truncated, as by CAST; the table prevents this for INSERT.
 */
export function convertValue(value: SqlValue, from: DataType, to: DataType): SqlValue {
  if (value === null) return null;
  if (isText(to)) return cut(toText(value, from), to);
  if (isBinary(to)) return toBinary(value, from, to);
  if (isTemporal(to)) return toTemporal(value, from, to);
  const number = toNumber(value, from, to);
  if (to.name === 'bit') return Number(number) === 0 ? 0 : 1;
  if (isInteger(to)) return toInteger(number, to);
  if (to.name === 'float') return Number(number);
  return toDecimal(number, to);
}

function toNumber(value: SqlValue, from: DataType, to: DataType): number | bigint {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  if (typeof value !== 'string') throw conversionFailed(value, from, to);
  const text = value.trim();
  if (to.name === 'bit' && /^(true|false)$/i.test(text)) return /^true$/i.test(text) ? 1 : 0;
  // Text converts to an integer type only if it is an integer literal; empty text becomes 0.
  const pattern = isInteger(to) ? /^[+-]?\d*$/ : /^[+-]?(\d+\.?\d*|\.\d+)?(e[+-]?\d+)?$/i;
  if (!pattern.test(text)) throw conversionFailed(value, from, to);
  return Number(text);
}

function toInteger(value: number | bigint, to: DataType): number | bigint {
  const whole = typeof value === 'bigint' ? value : BigInt(Math.trunc(value));
  const [low, high] = ranges[to.name] ?? [0n, 1n];
  if (whole < low || whole > high) throw overflow(to);
  return BigInt.asIntN(53, whole) === whole ? Number(whole) : whole;
}

function toDecimal(value: number | bigint, to: DataType): number {
  const { precision = 18, scale = 0 } = to;
  const rounded = Number(Number(value).toFixed(Math.min(scale, 20)));
  if (Math.abs(rounded) >= 10 ** (precision - scale)) throw overflow(to);
  return rounded;
}

export function toText(value: SqlValue, from: DataType): string {
  if (value instanceof Uint8Array)
    return Buffer.from(value).toString(from.name.startsWith('n') ? 'utf16le' : 'latin1');
  if (typeof value === 'number' && from.scale !== undefined && !isTemporal(from))
    return value.toFixed(from.scale);
  if (typeof value === 'string' && isTemporal(from)) return value;
  return String(value);
}

function cut(text: string, { name, length }: DataType): string {
  if (length === undefined || length === 'max') return text;
  const short = text.slice(0, length);
  return name === 'char' || name === 'nchar' ? short.padEnd(length) : short;
}

function toBinary(value: SqlValue, from: DataType, to: DataType): Uint8Array {
  const bytes =
    value instanceof Uint8Array
      ? value
      : typeof value === 'string'
        ? Buffer.from(value, from.name.startsWith('n') ? 'utf16le' : 'latin1')
        : integerBytes(BigInt(value ?? 0), from);
  return new Uint8Array(to.length === 'max' ? bytes : bytes.subarray(0, to.length));
}

function integerBytes(value: bigint, from: DataType): Buffer {
  const size = from.name === 'bigint' ? 8 : 4;
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes.subarray(8 - size);
}

function toTemporal(value: SqlValue, from: DataType, to: DataType): string {
  if (typeof value !== 'string') throw conversionFailed(value, from, to);
  const parsed = parseTemporal(value);
  if (!parsed) throw conversionFailed(value, from, to);
  switch (to.name) {
    case 'date':
      return formatDate(parsed.days);
    case 'datetime': {
      const { days, threeHundredths } = toDatetime(parsed);
      return fromDatetime(days, threeHundredths);
    }
    default:
      return `${formatDate(parsed.days)} ${formatTime(parsed.ticks, to.scale ?? 7)}`;
  }
}
