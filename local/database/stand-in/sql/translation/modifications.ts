import { sqlError } from '../../sql-error.ts';
import { type DataType, isBinary, isText } from '../data-types.ts';
import type { Column } from '../result-sink.ts';
import type { Expression, ObjectName, Query } from '../syntax/ast.ts';
import { translateExpression } from './expressions.ts';
import { quote, Scope, type TableInformation, type Translation } from './scope.ts';
import { coerce, type Typed } from './typed.ts';

export interface Insert {
  readonly target: ObjectName;
  readonly columns: readonly string[];
  readonly source: Query | readonly (readonly Expression[])[];
}

/** An UPDATE or, without `set`, a DELETE. */
export interface Change {
  readonly target: ObjectName;
  readonly set?: readonly { readonly column: string; readonly expression: Expression }[];
  readonly where: Expression | undefined;
}

export interface TranslatedModification {
  readonly sql: string;
  readonly table: TableInformation;
  /** Set if the table has an identity column; `explicit` if the statement provides its values. */
  readonly identity?: { readonly column: string; readonly explicit: boolean };
}

/** Converts a value for a column. Text is not truncated here; the table refuses text that is too long. */
export function assign(value: Typed, type: DataType): Typed {
  const sameKind = (isText(value.type) && isText(type)) || (isBinary(value.type) && isBinary(type));
  if (sameKind && type.name !== 'char' && type.name !== 'nchar') return { ...value, type };
  return coerce(value, isText(type) && !isText(value.type) ? { ...type, length: 'max' } : type);
}

function columnNamed(table: TableInformation, name: string): Column {
  const column = table.columns.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
  if (!column) throw sqlError(207, name);
  return column;
}

export function translateInsert(
  translation: Translation,
  statement: Insert,
  identityInsert: number | undefined,
): TranslatedModification {
  const table = translation.table(statement.target, 'INSERT');
  const identity = table.columns.find((column) => column.identity);
  const mayNumber = identityInsert === table.objectId;
  const named = statement.columns.map((name) => columnNamed(table, name));
  const targets = named.length > 0 ? named : table.columns.filter((column) => !column.identity || mayNumber);
  const explicit = identity !== undefined && targets.includes(identity);
  if (explicit && !mayNumber) throw sqlError(544, table.name);
  const columns = targets.map(({ name }) => quote(name));
  const number = identity && !explicit ? [`tsql_next_identity(${table.objectId})`] : [];
  if (identity && number.length > 0) columns.push(quote(identity.name));
  const { source } = statement;
  const rows =
    'selects' in source
      ? selectedRows(translation, source, targets, number)
      : `VALUES ${source.map((row) => `(${[...values(translation, row, targets), ...number].join(', ')})`).join(', ')}`;
  if (!('selects' in source) && source.length > 1000) throw sqlError(10738);
  return {
    table,
    sql: `INSERT INTO ${table.sql} (${columns.join(', ')}) ${rows}`,
    ...(identity ? { identity: { column: identity.name, explicit } } : {}),
  };
}

const wrongCount = () => sqlError(213);

function values(translation: Translation, row: readonly Expression[], targets: readonly Column[]): string[] {
  if (row.length !== targets.length) throw wrongCount();
  const scope = new Scope([]);
  return row.map((expression, index) => {
    const value = translateExpression(translation, scope, expression);
    return assign(value, targets[index]?.type ?? value.type).sql;
  });
}

function selectedRows(
  translation: Translation,
  source: Query,
  targets: readonly Column[],
  number: readonly string[],
): string {
  const query = translation.query(source);
  if (query.columns.length !== targets.length) throw wrongCount();
  const names = targets.map((_, index) => `c${index}`);
  const assigned = targets.map(
    ({ type }, index) => assign({ sql: `c${index}`, type: query.columns[index]?.type ?? type }, type).sql,
  );
  return `SELECT ${[...assigned, ...number].join(', ')} FROM (WITH "$rows" (${names.join(', ')}) AS (${query.sql}) SELECT * FROM "$rows")`;
}

export function translateChange(
  translation: Translation,
  { target, set, where }: Change,
): TranslatedModification {
  const table = translation.table(target, set ? 'UPDATE' : 'DELETE');
  const scope = new Scope([{ name: table.name, columns: table.columns }]);
  if (where) translation.table(target, 'SELECT');
  const as = `${table.sql} AS ${quote(table.name)}`;
  const condition = where ? ` WHERE ${translateExpression(translation, scope, where).sql}` : '';
  if (!set) return { sql: `DELETE FROM ${as}${condition}`, table };
  const assignments = set.map(({ column: name, expression }) => {
    const column = columnNamed(table, name);
    if (column.identity) throw sqlError(8102, column.name);
    return `${quote(column.name)} = ${assign(translateExpression(translation, scope, expression), column.type).sql}`;
  });
  return { sql: `UPDATE ${as} SET ${assignments.join(', ')}${condition}`, table };
}
