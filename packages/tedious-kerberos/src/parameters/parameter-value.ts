import { type Request, RequestError, TYPES } from 'tedious';
import { shown } from './data-type.ts';
import { exactType } from './exact-types.ts';

type DataType = (typeof TYPES)[keyof typeof TYPES];

/** Size of a type, as in tedious' `Request.addParameter`. */
export interface TypeOptions {
  /** Characters or bytes, for text and binary types. Default: the most that the type holds; `max` for a longer value. */
  readonly length?: number | undefined;
  /** Total number of digits, for `Decimal` and `Numeric`. Default: 18, or more if the value needs more. */
  readonly precision?: number | undefined;
  /** Digits after the decimal point. Default: as many as the value has; 7 for times. A value with more is rounded. */
  readonly scale?: number | undefined;
}

/** A value with an explicit SQL type. */
export interface TypedValue extends TypeOptions {
  readonly type: DataType;
  readonly value: unknown;
  /** The same options in the form that tedious uses. */
  readonly options?: TypeOptions | undefined;
}

/**
 * A parameter value. Types are inferred: string → nvarchar, boolean → bit, integer → int or bigint, other number → float,
 * bigint → bigint, Date → datetime2(7), bytes → varbinary, null → nvarchar. Anything else is rejected.
 */
export type ParameterValue = string | number | bigint | boolean | Date | Uint8Array | null | TypedValue;

const keysOfTypedValue: ReadonlySet<string> = new Set([
  'type',
  'value',
  'options',
  'length',
  'precision',
  'scale',
]);

/** A T-SQL parameter name without the `@`. Anything else would become part of the SQL text of the declaration. */
const parameterName = /^[\p{L}\p{N}_#$][\p{L}\p{N}_@#$]{0,126}$/u;

/**
 * Adds a parameter with a type that sends the value unchanged.
 *
 * @throws RequestError `EPARAM` if there is no such type
 */
export function addParameter(request: Request, name: string, value: unknown): void {
  if (!parameterName.test(name)) {
    throw new RequestError(
      `${shown(name)} is not a parameter name: use letters and digits, without "@".`,
      'EPARAM',
    );
  }
  try {
    const { type, value: given, options, length, precision, scale } = typedValue(value);
    if (given === undefined) throw new TypeError('Its value is undefined: give null for NULL.');
    const size = { ...sizeOf({ length, precision, scale }), ...sizeOf(options ?? {}) };
    const exact = exactType(type);
    assertTakes(exact.name, Object.keys(size));
    request.addParameter(name, exact as DataType, given, size);
  } catch (error) {
    throw new RequestError(`The parameter "${name}" cannot be sent. ${(error as Error).message}`, 'EPARAM', {
      cause: error,
    });
  }
}

const sized: Readonly<Record<string, RegExp>> = {
  length: /^(N?VarChar|N?Char|VarBinary|Binary)$/,
  precision: /^(Decimal|Numeric)$/,
  scale: /^(Decimal|Numeric|Time|DateTime2|DateTimeOffset)$/,
};

/**
 * Rejects sizes that the type does not have. They would be ignored: `{ type: TYPES.DateTime, scale: 7 }` would be rounded
 * nevertheless.
 *
 * @throws TypeError
 */
function assertTakes(type: string, sizes: readonly string[]): void {
  const foreign = sizes.find((size) => !sized[size]?.test(type));
  if (foreign) throw new TypeError(`${type} has no ${foreign}: leave it out, or choose a type that has one.`);
}

/** Omits undefined sizes, because tedious distinguishes undefined from absent. */
function sizeOf({ length, precision, scale }: TypeOptions) {
  return {
    ...(length !== undefined && { length }),
    ...(precision !== undefined && { precision }),
    ...(scale !== undefined && { scale }),
  };
}

function typedValue(value: unknown): TypedValue {
  switch (typeof value) {
    case 'string':
      return { type: TYPES.NVarChar, value };
    case 'boolean':
      return { type: TYPES.Bit, value };
    case 'bigint':
      if (BigInt.asIntN(64, value) !== value) {
        throw new TypeError(`${shown(value)} is beyond bigint: give { type: TYPES.Decimal, value }.`);
      }
      return { type: TYPES.BigInt, value };
    case 'number':
      return { type: numberType(value), value };
    case 'object':
      return typedObject(value);
    default:
      throw new TypeError(`There is no SQL type for ${shown(value)}: give null for NULL.`);
  }
}

function typedObject(value: object | null): TypedValue {
  if (value === null) return { type: TYPES.NVarChar, value };
  if (value instanceof Date) return { type: TYPES.DateTime2, value };
  if (value instanceof Uint8Array) return { type: TYPES.VarBinary, value };
  if (!('type' in value) || !('value' in value)) {
    throw new TypeError(
      `There is no default SQL type for ${shown(value)}: choose one, { type: TYPES.…, value }.`,
    );
  }
  const typed = value as TypedValue;
  const unknown = [...Object.keys(typed), ...Object.keys(typed.options ?? {})].find(
    (key) => !keysOfTypedValue.has(key),
  );
  if (unknown) throw new TypeError(`A typed value has no "${unknown}".`);
  return typed;
}

function numberType(value: number): DataType {
  if (!Number.isSafeInteger(value)) return TYPES.Float;
  return Math.abs(value) <= 0x7fffffff ? TYPES.Int : TYPES.BigInt;
}
