import { type DataType, dataType, type SqlValue } from '../sql/data-types.ts';
import { unsupported } from '../sql-error.ts';
import type { ByteReader } from './byte-reader.ts';
import { formatDate, formatTime, fromDatetime, scaleToTicks } from './temporal.ts';

/** A parameter of a remote procedure call. */
export interface Parameter {
  /** With its `@`; empty when it was given by position. */
  readonly name: string;
  readonly output: boolean;
  readonly type: DataType;
  readonly value: SqlValue;
}

const fixed: Readonly<Record<number, [DataType, number]>> = {
  48: [{ name: 'tinyint' }, 1],
  50: [{ name: 'bit' }, 1],
  52: [{ name: 'smallint' }, 2],
  56: [{ name: 'int' }, 4],
  127: [{ name: 'bigint' }, 8],
  59: [{ name: 'real' }, 4],
  62: [{ name: 'float' }, 8],
  61: [{ name: 'datetime' }, 8],
};

const integerOfLength: Readonly<Record<number, DataType>> = {
  1: { name: 'tinyint' },
  2: { name: 'smallint' },
  4: { name: 'int' },
  8: { name: 'bigint' },
};

const strings: Readonly<Record<number, DataType['name']>> = {
  167: 'varchar',
  175: 'char',
  231: 'nvarchar',
  239: 'nchar',
  165: 'varbinary',
  173: 'binary',
};

/** Reads TYPE_INFO and the value after it, MS-TDS 2.2.5.6 and 2.2.5.2; 40515 for types nobody here sends. */
export function readTypedValue(reader: ByteReader): { type: DataType; value: SqlValue } {
  const token = reader.u8();
  const known = fixed[token];
  if (known) return { type: known[0], value: readNumber(known[0], reader.bytes(known[1])) };
  const string = strings[token];
  if (string) return readString(string, reader);
  switch (token) {
    case 0x1f:
      return { type: { name: 'nvarchar', length: 4000 }, value: null };
    case 0x26:
    case 0x68:
    case 0x6d:
    case 0x6e:
    case 0x6f: {
      const length = reader.u8();
      const bytes = reader.bytes(reader.u8());
      const type = lengthType(token, length);
      return { type, value: bytes.length === 0 ? null : readNumber(type, bytes) };
    }
    case 0x24: {
      reader.u8();
      const bytes = reader.bytes(reader.u8());
      return { type: { name: 'uniqueidentifier' }, value: bytes.length === 0 ? null : formatGuid(bytes) };
    }
    case 0x6a:
    case 0x6c: {
      reader.u8();
      const type: DataType = {
        name: token === 0x6a ? 'decimal' : 'numeric',
        precision: reader.u8(),
        scale: reader.u8(),
      };
      const bytes = reader.bytes(reader.u8());
      return { type, value: bytes.length === 0 ? null : readDecimal(bytes, type.scale ?? 0) };
    }
    case 0x28:
    case 0x29:
    case 0x2a:
    case 0x2b:
      return readTemporal(token, reader);
    default:
      throw unsupported(`The parameter type 0x${token.toString(16)}`);
  }
}

function lengthType(token: number, length: number): DataType {
  if (token === 0x68) return { name: 'bit' };
  if (token === 0x6d) return { name: length === 4 ? 'real' : 'float' };
  if (token === 0x6e) return { name: length === 4 ? 'smallmoney' : 'money', precision: 19, scale: 4 };
  if (token === 0x6f) return { name: length === 4 ? 'smalldatetime' : 'datetime' };
  return integerOfLength[length] ?? { name: 'int' };
}

function readNumber({ name }: DataType, bytes: Buffer): SqlValue {
  switch (name) {
    case 'bit':
    case 'tinyint':
      return bytes.readUInt8(0);
    case 'bigint': {
      const value = bytes.readBigInt64LE(0);
      return BigInt.asIntN(53, value) === value ? Number(value) : value;
    }
    case 'real':
    case 'float':
      return bytes.length === 4 ? bytes.readFloatLE(0) : bytes.readDoubleLE(0);
    case 'money':
      return Number((BigInt(bytes.readInt32LE(0)) << 32n) | BigInt(bytes.readUInt32LE(4))) / 10_000;
    case 'smallmoney':
      return bytes.readInt32LE(0) / 10_000;
    case 'datetime':
      return fromDatetime(bytes.readInt32LE(0), bytes.readUInt32LE(4));
    case 'smalldatetime':
      return fromDatetime(bytes.readUInt16LE(0), bytes.readUInt16LE(2) * 60 * 300);
    default:
      return bytes.readIntLE(0, bytes.length);
  }
}

function readString(name: DataType['name'], reader: ByteReader): { type: DataType; value: SqlValue } {
  const declared = reader.u16();
  const binary = name.endsWith('binary');
  if (!binary) reader.bytes(5);
  const max = declared === 0xffff;
  const bytes = max ? readChunks(reader) : readShort(reader);
  const length = max ? 'max' : name.startsWith('n') ? declared / 2 : declared;
  const type = dataType(name, [length]) ?? { name };
  if (bytes === null) return { type, value: null };
  if (binary) return { type, value: new Uint8Array(bytes) };
  return { type, value: bytes.toString(name.startsWith('n') ? 'utf16le' : 'latin1') };
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

/** Little-endian magnitude after a sign byte. Exact up to 15 digits, as SQLite's numbers are. */
function readDecimal(bytes: Buffer, scale: number): number {
  let magnitude = 0n;
  for (let i = bytes.length - 1; i > 0; i--) magnitude = (magnitude << 8n) | BigInt(bytes.readUInt8(i));
  const digits = String(magnitude).padStart(scale + 1, '0');
  const text = `${digits.slice(0, digits.length - scale)}.${digits.slice(digits.length - scale)}`;
  return (bytes.readUInt8(0) === 0 ? -1 : 1) * Number(text);
}

function readTemporal(token: number, reader: ByteReader): { type: DataType; value: SqlValue } {
  const name = { 40: 'date', 41: 'time', 42: 'datetime2', 43: 'datetimeoffset' }[token] as DataType['name'];
  const scale = token === 0x28 ? 0 : reader.u8();
  const type: DataType = token === 0x28 ? { name } : { name, scale };
  const bytes = reader.bytes(reader.u8());
  if (bytes.length === 0) return { type, value: null };
  const timeBytes = bytes.length - (token === 0x29 ? 0 : 3) - (token === 0x2b ? 2 : 0);
  const time = () => formatTime(scaleToTicks(BigInt(bytes.readUIntLE(0, timeBytes)), scale), scale);
  if (name === 'time') return { type, value: time() };
  const date = formatDate(bytes.readUIntLE(timeBytes, 3));
  if (name === 'date') return { type, value: date };
  return { type, value: `${date} ${time()}${name === 'datetimeoffset' ? '+00:00' : ''}` };
}

function formatGuid(bytes: Buffer): string {
  const copy = Buffer.from(bytes);
  copy.subarray(0, 4).reverse();
  copy.subarray(4, 6).reverse();
  copy.subarray(6, 8).reverse();
  return copy
    .toString('hex')
    .toUpperCase()
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
