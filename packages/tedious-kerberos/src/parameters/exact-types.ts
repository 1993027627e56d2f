import { TYPES } from 'tedious';
import { type DataType, refine, shown } from './data-type.ts';
import { dateTypes } from './date-types.ts';
import { numberTypes } from './number-types.ts';
import { textTypes } from './text-types.ts';

type Options = Parameters<NonNullable<DataType['resolve']>>[2] | undefined;

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
 * Finds the refined type, which sends a value unchanged or rejects it. Looked up by name, so that types from another copy of
 * tedious work too.
 *
 * @throws TypeError for anything that is not a type, or a type that no parameter can have
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

/** A table-valued parameter. Its columns get refined types, and must declare the sizes that SQL Server needs. */
function tableType(): DataType {
  return refine(TYPES.TVP as DataType, {
    check(value, _, options) {
      const { columns, rows, name } = (value ?? {}) as Partial<Readonly<Record<string, unknown>>>;
      if (!Array.isArray(columns) || !Array.isArray(rows)) {
        throw new TypeError(
          `${shown(value)} is not a table: give { columns: [{ name, type }, …], rows: [[…], …] }.`,
        );
      }
      if (typeof name !== 'string' || name === '') {
        throw new TypeError(
          `The "name" of its table type is ${shown(name)}: give the name used in CREATE TYPE.`,
        );
      }
      const table = TYPES.TVP.validate(value, undefined) as { readonly columns: readonly unknown[] };
      return { ...table, columns: table.columns.map((column) => exactColumn(column, options)) };
    },
    declare({ value }) {
      if (value === null) throw new TypeError('A table cannot be null: give one without rows.');
      return {};
    },
  });
}

function exactColumn(given: unknown, options: Options): Column {
  const column = (given ?? {}) as Column;
  const type = exactType(column.type);
  const { name, scale, precision, length } = column;
  if (/^(Decimal|Numeric)$/.test(type.name) && (precision === undefined || scale === undefined)) {
    throw new TypeError(`Its column "${name}" is a ${type.name}: give its precision and scale.`);
  }
  if (/^(Char|NChar|Binary)$/.test(type.name) && length === undefined) {
    throw new TypeError(`Its column "${name}" is a ${type.name}: give its length.`);
  }
  const moments = /^(Time|DateTime2|DateTimeOffset)$/.test(type.name);
  return { ...cells(column, type, options), ...(moments && { scale: scale ?? 7 }) };
}

/** Checks the cells of a column like parameters of its type and size; tedious checks less. */
function cells(column: Column, type: DataType, options: Options): Column {
  const { length, precision, scale } = column;
  const size = {
    ...(length !== undefined && length !== Number.POSITIVE_INFINITY && { length }),
    ...(precision !== undefined && { precision }),
    ...(scale !== undefined && { scale }),
  };
  const validate: DataType['validate'] = (value, collation) => {
    if (value === undefined) throw new TypeError('It is undefined: give null for NULL.');
    return type.resolve?.({ value, ...size } as never, collation as never, options as never)?.value;
  };
  return { ...column, type: { ...type, validate } };
}
