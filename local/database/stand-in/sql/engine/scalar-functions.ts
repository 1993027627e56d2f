import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { sqlError, unsupported } from '../../sql-error.ts';
import { convertValue } from '../convert-value.ts';
import { type DataType, int, parseType, type SqlValue } from '../data-types.ts';

type Scalar = (...values: SqlValue[]) => SqlValue;

const types = new Map<string, DataType>();

function typeNamed(key: string): DataType {
  const type = types.get(key) ?? parseType(key) ?? int;
  types.set(key, type);
  return type;
}

const text = (value: SqlValue | undefined): string => String(value ?? '');
const number = (value: SqlValue | undefined): number => Number(value ?? 0);
/** Returns NULL if an argument is NULL. */
const strict =
  (scalar: Scalar): Scalar =>
  (...values) =>
    values.includes(null) ? null : scalar(...values);

function divisor(value: SqlValue | undefined): number {
  if (number(value) === 0) throw sqlError(8134);
  return number(value);
}

function top(count: SqlValue | undefined): SqlValue {
  if (count === null || number(count) < 0) throw sqlError(1014);
  return count ?? 0;
}

/** LIKE, case-insensitive. */
function like(value: string, pattern: string): SqlValue {
  if (pattern.includes('[')) throw unsupported('LIKE with a class of characters');
  const quoted = pattern.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  const source = quoted.replaceAll('%', '[\\s\\S]*').replaceAll('_', '[\\s\\S]');
  return new RegExp(`^${source}$`, 'iu').test(value) ? 1 : 0;
}

const scalars: Readonly<Record<string, Scalar>> = {
  tsql_convert: (value, from, to) => convertValue(value ?? null, typeNamed(text(from)), typeNamed(text(to))),
  tsql_divide: strict((a, b, whole) => {
    const quotient = number(a) / divisor(b);
    return whole ? Math.trunc(quotient) : quotient;
  }),
  tsql_modulo: strict((a, b) => number(a) % divisor(b)),
  tsql_top: top,
  tsql_like: strict((value, pattern) => like(text(value), text(pattern))),
  tsql_upper: strict((value) => text(value).toUpperCase()),
};

/** Registers the functions that translated T-SQL expressions call on a SQLite connection. */
export function registerScalarFunctions(database: DatabaseSync): void {
  for (const [name, scalar] of Object.entries(scalars)) {
    database.function(name, { deterministic: true, varargs: true }, scalar);
  }
  database.function('tsql_newid', { varargs: true }, () => randomUUID().toUpperCase());
}
