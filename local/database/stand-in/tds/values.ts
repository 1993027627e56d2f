import type { DataType, SqlValue } from '../sql/data-types.ts';
import type { ByteWriter } from './byte-writer.ts';
import { parseTemporal, ticksToScale, timeLength, toDatetime } from './temporal.ts';

/** SQL_Latin1_General_CP1_CI_AS, the default collation of an RDS instance. */
export const collation = Buffer.from([0x09, 0x04, 0xd0, 0x00, 0x34]);

const integerLength = { bit: 1, tinyint: 1, smallint: 2, int: 4, bigint: 8 } as const;
const token = {
  char: 0xaf,
  varchar: 0xa7,
  nchar: 0xef,
  nvarchar: 0xe7,
  binary: 0xad,
  varbinary: 0xa5,
} as const;

const bytesPerCharacter = (name: string) => (name.startsWith('n') ? 2 : 1);

/** TYPE_INFO, MS-TDS 2.2.5.6. */
export function writeTypeInfo(writer: ByteWriter, type: DataType): void {
  const { name } = type;
  switch (name) {
    case 'bit':
      writer.u8(0x68).u8(1);
      return;
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
      writer.u8(0x26).u8(integerLength[name]);
      return;
    case 'real':
    case 'float':
      writer.u8(0x6d).u8(name === 'real' ? 4 : 8);
      return;
    case 'decimal':
    case 'numeric':
      writer
        .u8(name === 'decimal' ? 0x6a : 0x6c)
        .u8(17)
        .u8(type.precision ?? 18)
        .u8(type.scale ?? 0);
      return;
    case 'money':
    case 'smallmoney':
      writer.u8(0x6e).u8(name === 'money' ? 8 : 4);
      return;
    case 'date':
      writer.u8(0x28);
      return;
    case 'time':
    case 'datetime2':
    case 'datetimeoffset':
      writer.u8({ time: 0x29, datetime2: 0x2a, datetimeoffset: 0x2b }[name]).u8(type.scale ?? 7);
      return;
    case 'datetime':
    case 'smalldatetime':
      writer.u8(0x6f).u8(name === 'datetime' ? 8 : 4);
      return;
    case 'uniqueidentifier':
      writer.u8(0x24).u8(16);
      return;
    default:
      writer.u8(token[name]);
      writer.u16(type.length === 'max' ? 0xffff : (type.length ?? 1) * bytesPerCharacter(name));
      if (!name.endsWith('binary')) writer.bytes(collation);
  }
}

/** TYPE_VARBYTE: a value in the form its TYPE_INFO announced. Throws when the value is not of the type. */
export function writeValue(writer: ByteWriter, type: DataType, value: SqlValue): void {
  const { name } = type;
  if (name in token) {
    writeBytes(writer, type, value);
    return;
  }
  if (value === null) {
    writer.u8(0);
    return;
  }
  switch (name) {
    case 'bit':
      writer.u8(1).u8(Number(value) === 0 ? 0 : 1);
      return;
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint': {
      const size = integerLength[name];
      writer.u8(size).uint(BigInt.asUintN(size * 8, toInteger(value)), size);
      return;
    }
    case 'real':
      writer.u8(4).f32(Number(value));
      return;
    case 'float':
      writer.u8(8).f64(Number(value));
      return;
    case 'decimal':
    case 'numeric': {
      const scaled = toScaled(value, type.scale ?? 0);
      writer.u8(17).u8(scaled < 0n ? 0 : 1);
      writer.uint(scaled < 0n ? -scaled : scaled, 16);
      return;
    }
    case 'money':
    case 'smallmoney': {
      const scaled = toScaled(value, 4);
      if (name === 'smallmoney') writer.u8(4).uint(BigInt.asUintN(32, scaled), 4);
      // The high half comes first.
      else
        writer
          .u8(8)
          .uint(BigInt.asUintN(32, scaled >> 32n), 4)
          .uint(BigInt.asUintN(32, scaled), 4);
      return;
    }
    case 'uniqueidentifier':
      writer.u8(16).bytes(guidBytes(String(value)));
      return;
    default:
      writeTemporal(writer, type, String(value));
  }
}

function writeTemporal(writer: ByteWriter, { name, scale = 7 }: DataType, text: string): void {
  const temporal = parseTemporal(text);
  if (!temporal) throw new TypeError(`'${text}' is no ${name}.`);
  if (name === 'datetime') {
    const { days, threeHundredths } = toDatetime(temporal);
    writer.u8(8).u32(days).u32(threeHundredths);
    return;
  }
  if (name === 'smalldatetime') {
    const { days, threeHundredths } = toDatetime(temporal);
    writer
      .u8(4)
      .u16(days)
      .u16(Math.round(threeHundredths / 300 / 60));
    return;
  }
  const timeBytes = name === 'date' ? 0 : timeLength(scale);
  const dateBytes = name === 'time' ? 0 : 3;
  const offsetBytes = name === 'datetimeoffset' ? 2 : 0;
  writer.u8(timeBytes + dateBytes + offsetBytes);
  // On the wire a datetimeoffset is in UTC, with its offset beside it.
  const day = 864_000_000_000n;
  let ticks = temporal.ticks - (offsetBytes > 0 ? BigInt(temporal.offsetMinutes) * 600_000_000n : 0n);
  let { days } = temporal;
  if (ticks < 0n) {
    ticks += day;
    days -= 1;
  } else if (ticks >= day) {
    ticks -= day;
    days += 1;
  }
  if (timeBytes > 0) writer.uint(ticksToScale(ticks, scale), timeBytes);
  if (dateBytes > 0) writer.uint(BigInt(days), 3);
  if (offsetBytes > 0) writer.u16(temporal.offsetMinutes & 0xffff);
}

function writeBytes(writer: ByteWriter, type: DataType, value: SqlValue): void {
  const max = type.length === 'max';
  if (value === null) {
    if (max) writer.u64(0xffff_ffff_ffff_ffffn);
    else writer.u16(0xffff);
    return;
  }
  const bytes = toBytes(type, value);
  if (!max) {
    writer.u16(bytes.length).bytes(bytes);
    return;
  }
  // PLP, MS-TDS 2.2.5.2.3: total length, one chunk, terminator.
  writer.u64(BigInt(bytes.length));
  if (bytes.length > 0) writer.u32(bytes.length).bytes(bytes);
  writer.u32(0);
}

function toBytes({ name, length }: DataType, value: SqlValue): Uint8Array {
  if (value instanceof Uint8Array) return value;
  const text = String(value);
  const padded =
    (name === 'char' || name === 'nchar') && typeof length === 'number' ? text.padEnd(length) : text;
  return Buffer.from(padded, name.startsWith('n') ? 'utf16le' : 'latin1');
}

function toInteger(value: SqlValue): bigint {
  return typeof value === 'bigint' ? value : BigInt(Math.trunc(Number(value)));
}

function toScaled(value: SqlValue, scale: number): bigint {
  if (typeof value === 'bigint') return value * 10n ** BigInt(scale);
  const [whole = '0', fraction = ''] = Number(value).toFixed(scale).split('.');
  return BigInt(whole + fraction);
}

/** The first three groups of a GUID are little-endian on the wire. */
function guidBytes(guid: string): Buffer {
  const hex = Buffer.from(guid.replaceAll('-', ''), 'hex');
  if (hex.length !== 16) throw new TypeError(`'${guid}' is no uniqueidentifier.`);
  hex.subarray(0, 4).reverse();
  hex.subarray(4, 6).reverse();
  hex.subarray(6, 8).reverse();
  return hex;
}
