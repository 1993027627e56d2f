import { SqlError } from '../../sql-error.ts';
import { type DataType, isBinary, isText } from '../data-types.ts';
import type { Expression } from '../syntax/ast.ts';
import type { StatementOf } from '../syntax/statements.ts';
import { translateExpression } from './expressions.ts';
import { quote, Scope, type ScopeColumn, type TableInformation, type Translation } from './scope.ts';
import { coerce, type Typed } from './typed.ts';

export interface TranslatedModification {
  readonly sql: string;
  readonly table: TableInformation;
  /** Set when the table numbers its own rows in this column, or lets the statement do so. */
  readonly identity?: { readonly column: string; readonly explicit: boolean };
}

/** A value for a column. Text is not cut here: the table itself refuses what is too long. */
export function assign(value: Typed, type: DataType): Typed {
  const sameKind = (isText(value.type) && isText(type)) || (isBinary(value.type) && isBinary(type));
  if (sameKind && type.name !== 'char' && type.name !== 'nchar') return { ...value, type };
  return coerce(value, isText(type) && !isText(value.type) ? { ...type, length: 'max' } : type);
}

function columnNamed(table: TableInformation, name: string): ScopeColumn {
  const column = table.columns.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
  if (!column) throw new SqlError({ number: 207, message: `Invalid column name '${name}'.` });
  return column;
}

export function translateInsert(
  translation: Translation,
  statement: StatementOf<'insert'>,
  identityInsert: number | undefined,
): TranslatedModification {
  const table = translation.table(statement.target, 'INSERT');
  const identity = table.columns.find((column) => column.identity);
  const mayNumber = identityInsert === table.objectId;
  const named = statement.columns.map((name) => columnNamed(table, name));
  const targets = named.length > 0 ? named : table.columns.filter((column) => !column.identity || mayNumber);
  const explicit = identity !== undefined && targets.includes(identity);
  if (explicit && !mayNumber) {
    const message = `Cannot insert explicit value for identity column in table '${table.name}' when IDENTITY_INSERT is set to OFF.`;
    throw new SqlError({ number: 544, message });
  }
  const columns = targets.map(({ name }) => quote(name));
  const number = identity && !explicit ? [`tsql_next_identity(${table.objectId})`] : [];
  if (identity && number.length > 0) columns.push(quote(identity.name));
  const { source } = statement;
  const rows =
    'selects' in source
      ? selectedRows(translation, source, targets, number)
      : `VALUES ${source.map((row) => `(${[...values(translation, row, targets), ...number].join(', ')})`).join(', ')}`;
  if (!('selects' in source) && source.length > 1000) {
    const message =
      'The number of row value expressions in the INSERT statement exceeds the maximum allowed number of 1000 row values.';
    throw new SqlError({ number: 10738, severity: 15, message });
  }
  return {
    table,
    sql: `INSERT INTO ${table.sql} (${columns.join(', ')}) ${rows}`,
    ...(identity ? { identity: { column: identity.name, explicit } } : {}),
  };
}

const wrongCount = () =>
  new SqlError({
    number: 213,
    message: 'Column name or number of supplied values does not match table definition.',
  });

function values(
  translation: Translation,
  row: readonly Expression[],
  targets: readonly ScopeColumn[],
): string[] {
  if (row.length !== targets.length) throw wrongCount();
  const scope = new Scope([]);
  return row.map((expression, index) => {
    const value = translateExpression(translation, scope, expression);
    return assign(value, targets[index]?.type ?? value.type).sql;
  });
}

function selectedRows(
  translation: Translation,
  source: Extract<StatementOf<'insert'>['source'], { selects: unknown }>,
  targets: readonly ScopeColumn[],
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
  statement: StatementOf<'update'> | StatementOf<'delete'>,
): TranslatedModification {
  const { kind, target } = statement;
  const table = translation.table(target, kind === 'update' ? 'UPDATE' : 'DELETE');
  const scope = new Scope([{ name: table.name, columns: table.columns }]);
  if (statement.where) translation.table(target, 'SELECT');
  const as = `${table.sql} AS ${quote(table.name)}`;
  const where = statement.where
    ? ` WHERE ${translateExpression(translation, scope, statement.where).sql}`
    : '';
  if (kind === 'delete') return { sql: `DELETE FROM ${as}${where}`, table };
  const set = statement.set.map(({ column: name, expression }) => {
    const column = columnNamed(table, name);
    if (column.identity)
      throw new SqlError({ number: 8102, message: `Cannot update identity column '${column.name}'.` });
    return `${quote(column.name)} = ${assign(translateExpression(translation, scope, expression), column.type).sql}`;
  });
  return { sql: `UPDATE ${as} SET ${set.join(', ')}${where}`, table };
}
