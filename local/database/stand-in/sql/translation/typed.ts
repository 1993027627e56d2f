import { sqlError } from '../../sql-error.ts';
import { convertValue } from '../convert-value.ts';
import {
  type DataType,
  datetime2,
  formatType,
  isBinary,
  isDecimal,
  isInteger,
  isNumeric,
  isTemporal,
  isText,
  nvarchar,
  type SqlValue,
  typeNames,
} from '../data-types.ts';

/** A piece of SQLite SQL with the T-SQL type of its value. */
export interface Typed {
  readonly sql: string;
  readonly type: DataType;
  /** The value itself, if it is a constant. */
  readonly literal?: SqlValue;
  readonly nullable?: boolean;
}

/** A value as a SQLite literal. */
function literalSql(value: SqlValue): string {
  if (value === null) return 'NULL';
  const hex = (bytes: Uint8Array) => `x'${Buffer.from(bytes).toString('hex')}'`;
  if (value instanceof Uint8Array) return hex(value);
  if (typeof value !== 'string') return Object.is(value, -0) ? '0' : String(value);
  // SQLite's text literals end at a NUL.
  return value.includes('\0')
    ? `CAST(${hex(Buffer.from(value))} AS TEXT)`
    : `'${value.replaceAll("'", "''")}'`;
}

export const literal = (value: SqlValue, type: DataType): Typed => ({
  sql: literalSql(value),
  type,
  literal: value,
  nullable: value === null,
});

/** The common type of two values. */
export function commonType(a: DataType, b: DataType): DataType {
  const [low, high] = typeNames.indexOf(a.name) <= typeNames.indexOf(b.name) ? [a, b] : [b, a];
  if ((isText(low) && isText(high)) || (isBinary(low) && isBinary(high))) return longer(high, low);
  if (high.name === 'decimal' || high.name === 'numeric') return widerDecimal(high, low);
  if (isTemporal(low) && isTemporal(high) && low.name !== high.name) return datetime2;
  return high;
}

function longer(high: DataType, low: DataType): DataType {
  if (high.length === 'max' || low.length === 'max')
    return { name: high.name.replace(/^(n?)char/, '$1varchar') as DataType['name'], length: 'max' };
  return { name: high.name, length: Math.max(high.length ?? 1, low.length ?? 1) };
}

const integerDigits: Readonly<Record<string, number>> = {
  bit: 1,
  tinyint: 3,
  smallint: 5,
  int: 10,
  bigint: 19,
};

/** The precision and scale of a number; integers count as decimals. */
export function asDecimal(type: DataType): { precision: number; scale: number } {
  return { precision: type.precision ?? integerDigits[type.name] ?? 38, scale: type.scale ?? 0 };
}

function widerDecimal(a: DataType, b: DataType): DataType {
  const [one, other] = [asDecimal(a), asDecimal(b)];
  const scale = Math.max(one.scale, other.scale);
  const whole = Math.max(one.precision - one.scale, other.precision - other.scale);
  return { name: 'numeric', precision: Math.min(whole + scale, 38), scale };
}

/** Converts a value implicitly (assignment, comparison); error 257 where an explicit CAST is required. */
export function coerce(value: Typed, type: DataType): Typed {
  if (value.literal === null) return { ...value, type };
  const from = value.type;
  const refused =
    (isText(from) && isBinary(type)) ||
    (isTemporal(from) && isNumeric(type)) ||
    (isBinary(from) && isTemporal(type));
  if (refused) throw sqlError(257, from.name, type.name);
  return convert(value, type);
}

/** Converts a value to a type, unless the engine stores both types in the same form. */
export function convert(value: Typed, type: DataType): Typed {
  if (sameForm(value.type, type)) return { ...value, type };
  if (value.literal !== undefined) return literal(convertValue(value.literal, value.type, type), type);
  return {
    ...value,
    sql: `tsql_convert(${value.sql}, '${formatType(value.type)}', '${formatType(type)}')`,
    type,
  };
}

/** Whether every value of one type is also a value of the other without conversion. */
function sameForm(from: DataType, to: DataType): boolean {
  const fits = to.length === 'max' || (from.length !== 'max' && (from.length ?? 1) <= (to.length ?? 1));
  if (isBinary(from) && isBinary(to)) return fits;
  if (isText(from) && isText(to) && to.name.includes('var')) return fits;
  if (isInteger(from) && isInteger(to) && to.name !== 'bit' && to.name !== 'tinyint')
    return (integerDigits[from.name] ?? 0) <= (integerDigits[to.name] ?? 0);
  if (isNumeric(from) && to.name === 'float') return true;
  if (isDecimal(to) && (isDecimal(from) || isInteger(from))) {
    const [source, target] = [asDecimal(from), asDecimal(to)];
    return source.scale <= target.scale && source.precision - source.scale <= target.precision - target.scale;
  }
  return formatType(from) === formatType(to);
}

/** Rounds a decimal result to its scale, because SQLite calculates with floating-point numbers. */
export function exactDecimal(sql: string, type: DataType): string {
  return isDecimal(type) ? `round(${sql}, ${asDecimal(type).scale})` : sql;
}

/** Converts values to their common type, for comparing or choosing between them. */
export function unify(values: readonly Typed[]): { values: Typed[]; type: DataType } {
  const known = values.filter((value) => value.literal !== null);
  const [first = { type: nvarchar(1) }, ...others] = known.length > 0 ? known : values;
  const type = others.reduce((common, value) => commonType(common, value.type), first.type);
  return { values: values.map((value) => coerce(value, type)), type };
}
