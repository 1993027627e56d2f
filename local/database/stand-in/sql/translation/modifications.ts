import { SqlError, unsupported } from '../../sql-error.ts';
import { type DataType, isBinary, isText } from '../data-types.ts';
import type { Column } from '../result-sink.ts';
import type { Query } from '../syntax/ast.ts';
import type { Output, StatementOf } from '../syntax/statements.ts';
import { type Translation, translateExpression } from './expressions.ts';
import { translateQuery } from './queries.ts';
import { quote, Scope, type ScopeColumn, type TableInformation } from './scope.ts';
import { coerce, type Typed } from './typed.ts';

export interface TranslatedModification {
  readonly sql: string;
  readonly table: TableInformation;
  /** The columns of OUTPUT. */
  readonly columns: readonly Column[];
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

function returning(table: TableInformation, output: Output | undefined, wanted: 'inserted' | 'deleted') {
  if (!output) return { sql: '', columns: [] };
  const columns = output.columns.flatMap(({ table: source, name, alias }) => {
    if (source !== wanted) throw unsupported(`OUTPUT ${source}.${name} here`);
    if (name === '*') return table.columns.map((column) => ({ ...column, source: column.name }));
    const column = columnNamed(table, name);
    return [{ ...column, name: alias ?? column.name, source: column.name }];
  });
  return { sql: ` RETURNING ${columns.map(({ source }) => quote(source)).join(', ')}`, columns };
}

export function translateInsert(
  translation: Translation,
  statement: StatementOf<'insert'>,
  identityInsert: number | undefined,
): TranslatedModification {
  const table = translation.context.table(statement.target, 'INSERT');
  const identity = table.columns.find((column) => column.identity);
  const mayNumber = identityInsert === table.objectId;
  const named = statement.columns.map((name) => columnNamed(table, name));
  const targets = named.length > 0 ? named : table.columns.filter((column) => !column.identity || mayNumber);
  const explicit = identity !== undefined && targets.includes(identity);
  if (explicit && !mayNumber) {
    const message = `Cannot insert explicit value for identity column in table '${table.name}' when IDENTITY_INSERT is set to OFF.`;
    throw new SqlError({ number: 544, message });
  }
  const output = returning(table, statement.output, 'inserted');
  const columns = targets.map(({ name }) => quote(name));
  const number = identity && !explicit ? `tsql_next_identity(${table.objectId})` : undefined;
  if (identity && number) columns.push(quote(identity.name));
  const rest = {
    table,
    columns: output.columns,
    ...(identity ? { identity: { column: identity.name, explicit } } : {}),
  };

  if (statement.source === 'default') {
    const values = number && identity ? `(${quote(identity.name)}) VALUES (${number})` : 'DEFAULT VALUES';
    return { ...rest, sql: `INSERT INTO ${table.sql} ${values}${output.sql}` };
  }
  const rows = translateRows(translation, statement.source, targets, number);
  return { ...rest, sql: `INSERT INTO ${table.sql} (${columns.join(', ')}) ${rows}${output.sql}` };
}

function translateRows(
  translation: Translation,
  source: Query,
  targets: readonly ScopeColumn[],
  number: string | undefined,
): string {
  const { body } = source;
  const extra = number === undefined ? [] : [number];
  const wrongCount = () =>
    new SqlError({
      number: 213,
      message: 'Column name or number of supplied values does not match table definition.',
    });
  if (body.kind === 'values') {
    if (body.rows.length > 1000) {
      const message =
        'The number of row value expressions in the INSERT statement exceeds the maximum allowed number of 1000 row values.';
      throw new SqlError({ number: 10738, severity: 15, message });
    }
    const scope = new Scope([]);
    const rows = body.rows.map((row) => {
      if (row.length !== targets.length) throw wrongCount();
      const values = targets.map(({ type }, index) => {
        const expression = row[index];
        return expression ? assign(translateExpression(translation, scope, expression), type).sql : 'NULL';
      });
      return `(${[...values, ...extra].join(', ')})`;
    });
    return `VALUES ${rows.join(', ')}`;
  }
  const query = translateQuery(translation, source);
  if (query.columns.length !== targets.length) throw wrongCount();
  const names = targets.map((_, index) => `c${index}`);
  const values = targets.map(
    ({ type }, index) => assign({ sql: `c${index}`, type: query.columns[index]?.type ?? type }, type).sql,
  );
  return `SELECT ${[...values, ...extra].join(', ')} FROM (WITH "$rows" (${names.join(', ')}) AS (${query.sql}) SELECT * FROM "$rows")`;
}

export function translateUpdate(
  translation: Translation,
  statement: StatementOf<'update'>,
): TranslatedModification {
  if (statement.from.length > 0) throw unsupported('UPDATE … FROM');
  const table = translation.context.table(statement.target, 'UPDATE');
  const scope = new Scope([{ name: table.name, columns: table.columns }]);
  if (statement.where) translation.context.table(statement.target, 'SELECT');
  const set = statement.set.map(({ column: name, expression }) => {
    const column = columnNamed(table, name);
    if (column.identity)
      throw new SqlError({ number: 8102, message: `Cannot update identity column '${column.name}'.` });
    return `${quote(column.name)} = ${assign(translateExpression(translation, scope, expression), column.type).sql}`;
  });
  const where = statement.where
    ? ` WHERE ${translateExpression(translation, scope, statement.where).sql}`
    : '';
  const output = returning(table, statement.output, 'inserted');
  const sql = `UPDATE ${table.sql} AS ${quote(table.name)} SET ${set.join(', ')}${where}${output.sql}`;
  return { sql, table, columns: output.columns };
}

export function translateDelete(
  translation: Translation,
  statement: StatementOf<'delete'>,
): TranslatedModification {
  if (statement.from.length > 0) throw unsupported('DELETE … FROM with a second FROM');
  const table = translation.context.table(statement.target, 'DELETE');
  const scope = new Scope([{ name: table.name, columns: table.columns }]);
  if (statement.where) translation.context.table(statement.target, 'SELECT');
  const where = statement.where
    ? ` WHERE ${translateExpression(translation, scope, statement.where).sql}`
    : '';
  const output = returning(table, statement.output, 'deleted');
  return {
    sql: `DELETE FROM ${table.sql} AS ${quote(table.name)}${where}${output.sql}`,
    table,
    columns: output.columns,
  };
}
