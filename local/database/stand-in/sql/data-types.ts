/** A value as the engine stores it. Dates and times are text: `2026-11-24 08:15:00.1234567`. */
export type SqlValue = null | number | bigint | string | Uint8Array;

/** In order of precedence, see Microsoft's "Data type precedence": of two types, the later one in this list wins. */
const names =
  'binary varbinary char varchar nchar nvarchar bit tinyint smallint int bigint decimal numeric float date datetime datetime2';

type Words<Text extends string> = Text extends `${infer First} ${infer Rest}` ? First | Words<Rest> : Text;

export type TypeName = Words<typeof names>;

export const typeNames = names.split(' ') as readonly TypeName[];

/** `length` is in characters or bytes, `max` means 2 GB; `scale` is the number of digits after the decimal point. */
export interface DataType {
  readonly name: TypeName;
  readonly length?: number | 'max';
  readonly precision?: number;
  readonly scale?: number;
}

const synonyms: Readonly<Record<string, DataType>> = {
  sysname: { name: 'nvarchar', length: 128 },
};

export const int: DataType = { name: 'int' };
export const bigint: DataType = { name: 'bigint' };
export const bit: DataType = { name: 'bit' };
export const datetime: DataType = { name: 'datetime' };
export const datetime2: DataType = { name: 'datetime2', scale: 7 };
export const nvarchar = (length: number | 'max' = 4000): DataType => ({ name: 'nvarchar', length });
export const varbinary = (length: number | 'max' = 8000): DataType => ({ name: 'varbinary', length });

/**
 * The type with this name and arguments, as in `DECIMAL(10, 2)`, with SQL Server's defaults for missing arguments
 * (`unspecifiedLength` is 1 in declarations, 30 in CAST). Undefined if there is no such type.
 */
export function dataType(
  name: string,
  parameters: readonly (number | 'max')[] = [],
  unspecifiedLength = 1,
): DataType | undefined {
  const lower = name.toLowerCase();
  const synonym = synonyms[lower];
  const known = synonym?.name ?? typeNames.find((type) => type === lower);
  if (!known) return undefined;
  const [first, second] = parameters;
  if (synonym && first === undefined) return synonym;
  const digits = first === 'max' ? undefined : first;
  if (known === 'decimal' || known === 'numeric') {
    return { name: known, precision: digits ?? 18, scale: second === 'max' ? 0 : (second ?? 0) };
  }
  if (known === 'datetime2') return { name: known, scale: digits ?? 7 };
  if (/char$|binary$/.test(known)) return { name: known, length: first ?? unspecifiedLength };
  return { name: known };
}

/** Parses a type written by {@link formatType} or in T-SQL. */
export function parseType(text: string): DataType | undefined {
  const match = /^\s*([\w ]+?)\s*(?:\(\s*(-?\w+)\s*(?:,\s*(\d+)\s*)?\))?\s*$/.exec(text);
  if (!match?.[1]) return undefined;
  const parameters = [match[2], match[3]]
    .filter((parameter) => parameter !== undefined)
    .map((parameter) => (/^(max|-1)$/i.test(parameter) ? ('max' as const) : Number(parameter)));
  return dataType(match[1], parameters);
}

export function formatType({ name, length, precision, scale }: DataType): string {
  if (length !== undefined) return `${name}(${length})`;
  if (name === 'decimal' || name === 'numeric') return `${name}(${precision},${scale})`;
  if (name === 'datetime2') return `${name}(${scale})`;
  return name;
}

export const isText = ({ name }: DataType): boolean => name.endsWith('char');
export const isBinary = ({ name }: DataType): boolean => name.endsWith('binary');
export const isTemporal = ({ name }: DataType): boolean => name.includes('date');
export const isInteger = ({ name }: DataType): boolean => name.endsWith('int') || name === 'bit';
export const isDecimal = ({ name }: DataType): boolean => /^(decimal|numeric)$/.test(name);
export const isNumeric = (type: DataType): boolean => !isText(type) && !isBinary(type) && !isTemporal(type);
