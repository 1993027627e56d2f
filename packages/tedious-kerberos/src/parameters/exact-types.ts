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
    check(value, _, options) {
      const { columns, rows, name } = (value ?? {}) as Partial<Readonly<Record<string, unknown>>>;
      if (!Array.isArray(columns) || !Array.isArray(rows)) {
        throw new TypeError(
          `${shown(value)} is no table: give { columns: [{ name, type }, …], rows: [[…], …] }.`,
        );
      }
      if (typeof name !== 'string' || name === '') {
        throw new TypeError(`The "name" of its table type is ${shown(name)}: give that of CREATE TYPE.`);
      }
      const table = TYPES.TVP.validate(value, undefined) as { readonly columns: readonly unknown[] };
      return { ...table, columns: table.columns.map((column) => exactColumn(column, options)) };
    },
    declare({ value }) {
      if (value === null) throw new TypeError('A table is never null: give one without rows.');
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

/** A column whose cells are taken as parameters of its type and size are; tedious asks for less of them. */
function cells(column: Column, type: DataType, options: Options): Column {
  const { length, precision, scale } = column;
  const size = {
    ...(length !== undefined && length !== Number.POSITIVE_INFINITY && { length }),
    ...(precision !== undefined && { precision }),
    ...(scale !== undefined && { scale }),
  };
  const validate: DataType['validate'] = (value, collation) => {
    if (value === undefined) throw new TypeError('It is undefined: give null where NULL is meant.');
    return type.resolve?.({ value, ...size } as never, collation as never, options as never)?.value;
  };
  return { ...column, type: { ...type, validate } };
}
