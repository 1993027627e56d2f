import { TYPES } from 'tedious';
import { type DataType, refine, shown } from './data-type.ts';
import { wholeBetween } from './number-types.ts';

interface Kind {
  /** The unit of `length`. */
  readonly unit: 'characters' | 'bytes';
  /** The greatest length other than `max`. A type without `max` holds no more. */
  readonly most: number;
  /** Whether the type has `max`. */
  readonly unlimited: boolean;
  /** Fixed-length types default to the length of the value. Others default to `most`, so that the server reuses one plan. */
  readonly fixed?: boolean;
}

function isStream(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/**
 * Text and bytes. The length defaults to the maximum of the type. tedious would declare the length of the value, so that
 * `SET @a = @a + …` and `ISNULL(@null, …)` in the statement would be truncated. A value longer than a given length is
 * rejected.
 */
function sized(type: DataType, kind: Kind, check: (value: unknown, collation: never) => unknown): DataType {
  const { unit, most, unlimited, fixed = false } = kind;
  return refine(type, {
    check: (value, collation) =>
      isStream(value) && unlimited && type.resolve
        ? checkedStream(value, (chunk) => check(chunk, collation as never))
        : check(value, collation as never),
    declare({ value, length }) {
      wholeBetween('length', length, 1, unlimited ? 0x7fffffff : most);
      if (isStream(value))
        return { value: noLonger(value, unit, type, length ?? Number.POSITIVE_INFINITY), length: 0xffff };
      const size = (value as string | Buffer | null)?.length ?? 0;
      if (size > (length ?? (unlimited ? Number.POSITIVE_INFINITY : most))) {
        throw new TypeError(
          `Its ${size} ${unit} do not fit into ${type.name}(${length ?? most}): they would be truncated.`,
        );
      }
      if (length !== undefined) return { length };
      if (fixed && value !== null) return { length: Math.max(1, size) };
      return { length: Math.max(size, most) };
    },
  });
}

/** Checks each chunk. Passes strings on unchanged, because tedious encodes them itself, and bytes as a Buffer. */
async function* checkedStream(stream: AsyncIterable<unknown>, check: (chunk: unknown) => unknown) {
  for await (const chunk of stream) {
    const checked = check(chunk);
    yield typeof chunk === 'string' ? chunk : checked;
  }
}

async function* noLonger(stream: AsyncIterable<unknown>, unit: string, type: DataType, most: number) {
  let size = 0;
  for await (const chunk of stream) {
    size += (chunk as string | Buffer).length;
    if (size > most) throw new TypeError(`It has more than the ${most} ${unit} of ${type.name}(${most}).`);
    yield chunk;
  }
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`${shown(value)} is not a string.`);
  return value;
}

function uuidOf(value: unknown): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(textOf(value))) return value as string;
  throw new TypeError(`${shown(value)} is not a UUID such as "01234567-89ab-cdef-0123-456789abcdef".`);
}

function bytesOf(value: unknown): Buffer {
  if (Buffer.isBuffer(value)) return value;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  throw new TypeError(`${shown(value)} is not binary data: give a Buffer or a Uint8Array.`);
}

/** Encodes text in the server's code page. Rejects characters missing from it, which would become question marks. */
function encoded(type: DataType) {
  return (value: unknown, collation: never): Buffer => {
    const text = textOf(value);
    const bytes = type.validate(text, collation) as Buffer;
    const changed = [...new Set(text.match(standIns))].some((character) => {
      const made = type.validate(character, collation) as Buffer;
      return made.length === 1 && (character === '\ufffd' || (made[0] as number) < 0x80);
    });
    if (changed || questionMarks(bytes) > text.split('?').length - 1 || !text.isWellFormed()) {
      const national = type.name === 'Text' ? 'NText' : `N${type.name}`;
      throw new TypeError(
        `It has characters that are missing from the server's code page: choose ${national}.`,
      );
    }
    return bytes;
  };
}

/**
 * Characters that tedious' encoder maps to the byte of another character in some code pages: U+FFFD to a byte without a
 * meaning in single-byte code pages; the yen sign and the overline to backslash and tilde in the Japanese one.
 */
const standIns = /[\ufffd\u00a5\u203e]/gu;

function questionMarks(bytes: Buffer): number {
  let count = 0;
  for (const byte of bytes) if (byte === 0x3f) count += 1;
  return count;
}

/**
 * `Text`, `NText` and `Image` declare no length but write the length of the value in bytes. For `NText`, tedious would write
 * the number of characters, which is too small.
 *
 * @param size bytes per unit of `value.length`
 */
function large(type: DataType, check: (value: unknown, collation: never) => unknown, size = 1): DataType {
  return refine(type, {
    check: check as DataType['validate'],
    declare({ value }) {
      const length = type.resolveLength?.({ value } as never);
      return length === undefined ? {} : { length: length < 0 ? length : length * size };
    },
  });
}

export const textTypes: readonly DataType[] = [
  sized(TYPES.NVarChar, { unit: 'characters', most: 4000, unlimited: true }, textOf),
  sized(TYPES.NChar, { unit: 'characters', most: 4000, unlimited: false, fixed: true }, textOf),
  sized(TYPES.VarChar, { unit: 'bytes', most: 8000, unlimited: true }, encoded(TYPES.VarChar)),
  sized(TYPES.Char, { unit: 'bytes', most: 8000, unlimited: false, fixed: true }, encoded(TYPES.Char)),
  sized(TYPES.VarBinary, { unit: 'bytes', most: 8000, unlimited: true }, bytesOf),
  sized(TYPES.Binary, { unit: 'bytes', most: 8000, unlimited: false, fixed: true }, bytesOf),
  large(TYPES.NText, textOf, 2),
  large(TYPES.Text, encoded(TYPES.Text)),
  large(TYPES.Image, bytesOf),
  refine(TYPES.UniqueIdentifier, { check: uuidOf }),
];
