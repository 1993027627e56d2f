import { TYPES } from 'tedious';
import { type DataType, refine, shown } from './data-type.ts';
import { dateTypes } from './date-types.ts';
import { numberTypes } from './number-types.ts';
import { textTypes } from './text-types.ts';

interface Column {
  readonly name: string;
  readonly type: DataType;
  readonly length?: number;
  readonly precision?: number;
  readonly scale?: number;
}

const exact: ReadonlyMap<string, DataType> = new Map(
  [...numberTypes, ...textTypes, ...dateTypes, tableType()].map((type) => [type.name, type]),
);

/**
 * The type that takes a value as it is, or refuses it in a sentence. By its name, so that a type of another copy of
 * tedious is known too.
 *
 * @throws TypeError for what is no type, or one that no parameter can have
 */
export function exactType(type: unknown): DataType {
  const name = (type as DataType | undefined)?.name ?? '';
  const known = exact.get(name);
  if (known) return known;
  if (name in TYPES) {
    throw new TypeError(
      `${name} cannot be the type of a parameter: give the value as NVarChar or VarBinary.`,
    );
  }
  throw new TypeError(`Its type is ${shown(type)}, but it must be one of TYPES, such as TYPES.Int.`);
}

/** A table-valued parameter: its columns are of exact types, and say what SQL Server has to know of them. */
function tableType(): DataType {
  return refine(TYPES.TVP as DataType, {
    check(value) {
      const { columns, rows } = (value ?? {}) as { readonly columns?: unknown; readonly rows?: unknown };
      if (!Array.isArray(columns) || !Array.isArray(rows)) {
        throw new TypeError(
          `${shown(value)} is no table: give { columns: [{ name, type }, …], rows: [[…], …] }.`,
        );
      }
      const table = TYPES.TVP.validate(value, undefined) as { readonly columns: readonly Column[] };
      return { ...table, columns: table.columns.map(exactColumn) };
    },
    declare({ value }) {
      if (value === null) throw new TypeError('A table is never null: give one without rows.');
      return {};
    },
  });
}

/** A column of moments, rounded as a parameter is; tedious rounds the time of day alone. */
function moments(column: Column, type: DataType, scale: number): Column {
  const validate: DataType['validate'] = (value, collation, options) => {
    const utc = (options ?? { useUTC: true }) as never;
    return type.resolve?.({ value, scale } as never, collation as never, utc)?.value;
  };
  return { ...column, type: { ...type, validate }, scale };
}

function exactColumn(column: Column): Column {
  const type = exactType(column.type);
  const { name, scale, precision, length } = column;
  if (/^(Decimal|Numeric)$/.test(type.name) && (precision === undefined || scale === undefined)) {
    throw new TypeError(`Its column "${name}" is a ${type.name}: give its precision and scale.`);
  }
  if (/^(Char|NChar|Binary)$/.test(type.name) && length === undefined) {
    throw new TypeError(`Its column "${name}" is a ${type.name}: give its length.`);
  }
  if (/^(Time|DateTime2|DateTimeOffset)$/.test(type.name)) return moments(column, type, scale ?? 7);
  return { ...column, type };
}
