import { type DataType, dataType, isText, type SqlValue, type TypeName } from '../sql/data-types.ts';
import { unsupported } from '../sql-error.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import * as temporal from './temporal.ts';

/** Types and values on the wire, in both directions: MS-TDS 2.2.5.4 to 2.2.5.6. */

/** SQL_Latin1_General_CP1_CI_AS, the default collation of an RDS instance. */
export const collation = Buffer.from([0x09, 0x04, 0xd0, 0x00, 0x34]);

/** Fixed-size types that may be NULL: token and size. */
const sized: Partial<Record<TypeName, readonly [token: number, size: number]>> = {
  bit: [0x68, 1],
  tinyint: [0x26, 1],
  smallint: [0x26, 2],
  int: [0x26, 4],
  bigint: [0x26, 8],
  float: [0x6d, 8],
  datetime: [0x6f, 8],
};
const decimals: Partial<Record<TypeName, number>> = { decimal: 0x6a, numeric: 0x6c };
const times: Partial<Record<TypeName, number>> = {
  date: 0x28,
  datetime2: 0x2a,
};
const strings: Partial<Record<TypeName, number>> = {
  char: 0xaf,
  varchar: 0xa7,
  nchar: 0xef,
  nvarchar: 0xe7,
  binary: 0xad,
  varbinary: 0xa5,
};

const isWide = (name: string) => name.startsWith('n');

function named(tokens: Partial<Record<TypeName, number>>, token: number): TypeName | undefined {
  return (Object.keys(tokens) as TypeName[]).find((name) => tokens[name] === token);
}

export function writeTypeInfo(writer: ByteWriter, type: DataType): void {
  const { name, length = 1, precision = 18, scale = 0 } = type;
  const [token, size] = sized[name] ?? [];
  const [decimal, time, string] = [decimals[name], times[name], strings[name]];
  if (token !== undefined && size !== undefined) writer.u8(token).u8(size);
  else if (decimal !== undefined) writer.u8(decimal).u8(17).u8(precision).u8(scale);
  else if (time !== undefined) {
    writer.u8(time);
    if (name !== 'date') writer.u8(type.scale ?? 7);
  } else if (string !== undefined) {
    writer.u8(string).u16(length === 'max' ? 0xffff : length * (isWide(name) ? 2 : 1));
    if (isText(type)) writer.bytes(collation);
  }
}

/** Writes a value in the form that its TYPE_INFO announced. Throws when the value does not have the type. */
export function writeValue(writer: ByteWriter, type: DataType, value: SqlValue): void {
  const { name, scale } = type;
  if (strings[name] !== undefined) writeString(writer, type, value);
  else if (value === null) writer.u8(0);
  else if (times[name] !== undefined) writeTime(writer, type, parsed(value));
  else if (decimals[name] !== undefined) {
    const units = toUnits(value, scale ?? 0);
    writer.u8(17).u8(units < 0n ? 0 : 1);
    writer.uint(units < 0n ? -units : units, 16);
  } else {
    const [, size = 0] = sized[name] ?? [];
    writer.u8(size);
    writeSized(writer, name, size, value);
  }
}

function writeSized(writer: ByteWriter, name: TypeName, size: number, value: SqlValue): void {
  switch (name) {
    case 'float':
      writer.f64(Number(value));
      return;
    case 'datetime': {
      const { days, threeHundredths } = temporal.toDatetime(parsed(value));
      writer.u32(days).u32(threeHundredths);
      return;
    }
    case 'bit':
      writer.u8(Number(value) === 0 ? 0 : 1);
      return;
    default:
      writer.uint(BigInt.asUintN(size * 8, toUnits(value, 0)), size);
  }
}

function parsed(value: SqlValue): temporal.Temporal {
  const result = temporal.parseTemporal(String(value));
  if (!result) throw new TypeError(`'${value}' is no date or time.`);
  return result;
}

function writeTime(writer: ByteWriter, { name, scale = 7 }: DataType, given: temporal.Temporal): void {
  const timeBytes = name === 'date' ? 0 : temporal.timeLength(scale);
  writer.u8(timeBytes + 3);
  if (timeBytes > 0) writer.uint(temporal.ticksToScale(given.ticks, scale), timeBytes);
  writer.uint(BigInt(given.days), 3);
}

function writeString(writer: ByteWriter, type: DataType, value: SqlValue): void {
  const { name, length } = type;
  if (value === null) {
    if (length === 'max') writer.u64(0xffff_ffff_ffff_ffffn);
    else writer.u16(0xffff);
    return;
  }
  const padded = isText(type) && !name.includes('var') && typeof length === 'number' ? length : 0;
  const bytes =
    value instanceof Uint8Array
      ? value
      : Buffer.from(String(value).padEnd(padded), isWide(name) ? 'utf16le' : 'latin1');
  if (length !== 'max') {
    writer.u16(bytes.length).bytes(bytes);
    return;
  }
  // PLP, MS-TDS 2.2.5.2.3: total length, one chunk, terminator.
  writer.u64(BigInt(bytes.length));
  if (bytes.length > 0) writer.u32(bytes.length).bytes(bytes);
  writer.u32(0);
}

/** A number in units of 10^-scale. */
function toUnits(value: SqlValue, scale: number): bigint {
  if (typeof value === 'bigint') return value * 10n ** BigInt(scale);
  if (scale === 0) return BigInt(Math.trunc(Number(value)));
  return BigInt(Number(value).toFixed(scale).replace('.', ''));
}

/** Reads TYPE_INFO and the value that follows; error 40515 for types that no client here sends. */
export function readTypedValue(reader: ByteReader): { type: DataType; value: SqlValue } {
  const token = reader.u8();
  const string = named(strings, token);
  if (string) return readString(string, reader);
  if (token === 0x1f) return { type: { name: 'nvarchar', length: 4000 }, value: null };
  const type = readType(token, reader);
  const bytes = reader.bytes(reader.u8());
  return { type, value: bytes.length === 0 ? null : readValue(type, bytes) };
}

function readType(token: number, reader: ByteReader): DataType {
  const time = named(times, token);
  if (time) return time === 'date' ? { name: time } : { name: time, scale: reader.u8() };
  const decimal = named(decimals, token);
  const size = reader.u8();
  if (decimal) return { name: decimal, precision: reader.u8(), scale: reader.u8() };
  const name = (Object.keys(sized) as TypeName[]).find(
    (one) => sized[one]?.[0] === token && sized[one]?.[1] === size,
  );
  const type = name && dataType(name);
  if (!type) throw unsupported(`The parameter type 0x${token.toString(16)}`);
  return type;
}

function readValue({ name, scale = 0 }: DataType, bytes: Buffer): SqlValue {
  switch (name) {
    case 'bit':
    case 'tinyint':
      return bytes.readUInt8(0);
    case 'bigint': {
      const value = bytes.readBigInt64LE(0);
      return BigInt.asIntN(53, value) === value ? Number(value) : value;
    }
    case 'float':
      return bytes.readDoubleLE(0);
    case 'datetime':
      return temporal.fromDatetime(bytes.readInt32LE(0), bytes.readUInt32LE(4));
    case 'decimal':
    case 'numeric': {
      // A sign byte, then the magnitude. Exact up to 15 digits, like SQLite's numbers.
      const magnitude = BigInt(`0x${Buffer.from(bytes.subarray(1)).reverse().toString('hex')}`);
      const digits = String(magnitude).padStart(scale + 1, '0');
      const at = digits.length - scale;
      return (bytes.readUInt8(0) === 0 ? -1 : 1) * Number(`${digits.slice(0, at)}.${digits.slice(at)}`);
    }
    case 'date':
      return temporal.formatDate(bytes.readUIntLE(0, 3));
    case 'datetime2': {
      const timeBytes = bytes.length - 3;
      const ticks = temporal.scaleToTicks(BigInt(bytes.readUIntLE(0, timeBytes)), scale);
      return `${temporal.formatDate(bytes.readUIntLE(timeBytes, 3))} ${temporal.formatTime(ticks, scale)}`;
    }
    default:
      return bytes.readIntLE(0, bytes.length);
  }
}

function readString(name: TypeName, reader: ByteReader): { type: DataType; value: SqlValue } {
  const declared = reader.u16();
  const binary = name.endsWith('binary');
  if (!binary) reader.bytes(5);
  const max = declared === 0xffff;
  const bytes = max ? readChunks(reader) : readShort(reader);
  const type: DataType = { name, length: max ? 'max' : isWide(name) ? declared / 2 : declared };
  if (bytes === null) return { type, value: null };
  if (binary) return { type, value: new Uint8Array(bytes) };
  return { type, value: bytes.toString(isWide(name) ? 'utf16le' : 'latin1') };
}

function readShort(reader: ByteReader): Buffer | null {
  const length = reader.u16();
  return length === 0xffff ? null : reader.bytes(length);
}

/** PLP, MS-TDS 2.2.5.2.3. */
function readChunks(reader: ByteReader): Buffer | null {
  if (reader.u64() === 0xffff_ffff_ffff_ffffn) return null;
  const chunks: Buffer[] = [];
  for (let length = reader.u32(); length > 0; length = reader.u32()) chunks.push(reader.bytes(length));
  return Buffer.concat(chunks);
}
