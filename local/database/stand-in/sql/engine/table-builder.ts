import { sqlError, unsupported } from '../../sql-error.ts';
import {
  addConstraint,
  addIdentity,
  addObject,
  type Constraint,
  uniqueColumns,
} from '../catalogue/objects.ts';
import { type DataType, formatType, isBinary, isText } from '../data-types.ts';
import type { ColumnDefinition, ConstraintDefinition, ObjectName, TableParts } from '../syntax/ast.ts';
import { translateExpression } from '../translation/expressions.ts';
import { assign } from '../translation/modifications.ts';
import { quote, Scope } from '../translation/scope.ts';
import type { Execution } from './execution.ts';
import { findNamed, findTable } from './find-table.ts';
import { newTranslation } from './queries.ts';
import { lengthCheck } from './sqlite-errors.ts';

interface TableColumn {
  readonly name: string;
  readonly type: DataType;
  readonly nullable: boolean;
}

/** The state of a table that its new constraints refer to. */
interface Draft {
  /** `schema.name`, also the name of the SQLite table. */
  readonly name: string;
  readonly columns: readonly TableColumn[];
  /** The columns of the table's keys. */
  readonly keys: readonly (readonly string[])[];
}

/** A constraint in SQLite's SQL, with a query for rows that violate it. */
interface TableConstraint extends Constraint {
  readonly sql: string;
  readonly broken: string;
}

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
const list = (columns: readonly string[]) => columns.map(quote).join(', ');

/** Executes CREATE TABLE. @param schema for the new table */
export function buildTable(
  execution: Execution,
  schema: { readonly schemaId: number; readonly name: string },
  name: string,
  parts: TableParts,
): void {
  const { sqlite } = execution.session;
  const primary = parts.constraints.flatMap((one) => (one.kind === 'PRIMARY KEY' ? one.columns : []));
  const columns = parts.columns.map((column) => ({
    ...column,
    nullable: column.nullable ?? !primary.some((key) => same(key, column.name)),
  }));
  const keys = parts.constraints.flatMap((one) =>
    'columns' in one && one.kind !== 'FOREIGN KEY' ? [one.columns] : [],
  );
  const draft = { name: `${schema.name}.${name}`, columns, keys };
  const constraints = parts.constraints.map((constraint) => defineConstraint(execution, draft, constraint));
  const lines = [
    ...columns.map((column) => columnSql(execution, draft.name, column)),
    ...constraints.map(({ sql }) => sql),
  ];
  const objectId = addObject(sqlite, schema.schemaId, name, 'TABLE');
  for (const { name: column, identity } of columns)
    if (identity) addIdentity(sqlite, objectId, column, identity.seed, identity.increment);
  for (const constraint of constraints) addConstraint(sqlite, schema.schemaId, objectId, constraint);
  sqlite.exec(`CREATE TABLE ${quote(draft.name)} (${lines.join(', ')})`);
}

function columnSql(
  execution: Execution,
  table: string,
  { name, type, nullable, defaultValue }: ColumnDefinition,
): string {
  // SQLite accepts only a number as a type's length; -1 stands for `max`, as in sys.columns.
  const parts = [quote(name), formatType(type).toUpperCase().replace('(MAX)', '(-1)')];
  if (isText(type)) parts.push('COLLATE NOCASE');
  if (!nullable) parts.push('NOT NULL');
  if (defaultValue) {
    const value = translateExpression(newTranslation(execution), new Scope([]), defaultValue);
    parts.push(`DEFAULT (${assign(value, type).sql})`);
  }
  if ((isText(type) || isBinary(type)) && typeof type.length === 'number') {
    const check = quote(`${lengthCheck}${table}:${name}`);
    parts.push(`CONSTRAINT ${check} CHECK (length(${quote(name)}) <= ${type.length})`);
  }
  return parts.join(' ');
}

const prefixes = { 'PRIMARY KEY': 'PK', UNIQUE: 'UQ', 'FOREIGN KEY': 'FK' } as const;

function defineConstraint(
  execution: Execution,
  table: Draft,
  constraint: ConstraintDefinition,
): TableConstraint {
  const suffix = Math.random().toString(16).slice(2, 10).padEnd(8, '0').toUpperCase();
  const { kind, name = `${prefixes[kind]}__${table.name.split('.').at(-1)}__${suffix}` } = constraint;
  const start = `CONSTRAINT ${quote(name)} ${kind}`;
  const rows = `SELECT 1 FROM main.${quote(table.name)} AS`;
  const { columns } = constraint;
  const missing = columns.find((column) => !table.columns.some((known) => same(known.name, column)));
  if (missing !== undefined) throw sqlError(1911, missing);
  const key = { kind, name, columns, sql: `${start} (${list(columns)})`, broken: '' };
  if (constraint.kind !== 'FOREIGN KEY') return key;
  const [target, referenced] = referencedKey(execution, table, constraint, name);
  const pairs = columns.map((column, index) => `p.${quote(referenced[index] ?? '')} = c.${quote(column)}`);
  const present = columns.map((column) => `c.${quote(column)} IS NOT NULL`);
  return {
    ...key,
    sql: `${key.sql} REFERENCES ${quote(target)} (${list(referenced)})`,
    broken: `${rows} c WHERE ${present.join(' AND ')} AND NOT EXISTS
      (SELECT 1 FROM main.${quote(target)} AS p WHERE ${pairs.join(' AND ')})`,
  };
}

/** The table and the key that a foreign key refers to; error 1776 if there is no such key. */
function referencedKey(
  { session }: Execution,
  table: Draft,
  { references, referencedColumns }: Extract<ConstraintDefinition, { kind: 'FOREIGN KEY' }>,
  name: string,
): readonly [table: string, columns: readonly string[]] {
  const itself = same(`${references.schema ?? session.user.defaultSchema}.${references.name}`, table.name);
  const other = itself ? undefined : findTable(session, references, 'REFERENCES');
  const keys = other ? uniqueColumns(session.sqlite, other.objectId) : table.keys;
  const wanted = referencedColumns.length > 0 ? referencedColumns : (keys[0] ?? []);
  const target = other ? `${other.schema}.${other.name}` : table.name;
  const sorted = (columns: readonly string[]) => list(columns.map((column) => column.toLowerCase()).sort());
  if (keys.some((key) => sorted(key) === sorted(wanted))) return [target, wanted];
  throw sqlError(1776, target, name);
}

/** `ALTER TABLE … ADD` for constraints. */
export function alterTable(execution: Execution, altered: ObjectName, parts: TableParts): void {
  const { session } = execution;
  const { sqlite } = session;
  const table = findTable(session, altered, 'ALTER');
  const schemaId = findNamed(session, altered)?.schemaId ?? 1;
  const name = `${table.schema}.${table.name}`;
  if (parts.columns.length > 0) throw unsupported('ALTER TABLE … ADD of a column');
  const columns = table.columns.map((column) => ({ ...column, nullable: column.nullable ?? true }));
  const draft = { name, columns, keys: uniqueColumns(sqlite, table.objectId) };
  for (const written of parts.constraints) {
    const constraint = defineConstraint(execution, draft, written);
    addConstraint(sqlite, schemaId, table.objectId, constraint);
    if (constraint.broken === '') addKey(execution, draft, constraint);
    else addRule(execution, name, constraint);
  }
}

function addKey({ session: { sqlite } }: Execution, { name, columns }: Draft, key: TableConstraint): void {
  const nullable = key.columns.some((column) => columns.find((one) => same(one.name, column))?.nullable);
  if (key.kind === 'PRIMARY KEY' && nullable) throw sqlError(8111, name);
  sqlite.exec(
    `CREATE UNIQUE INDEX main.${quote(`${name}.${key.name}`)} ON ${quote(name)} (${list(key.columns)})`,
  );
}

/**
 * Adds a FOREIGN KEY constraint to a SQLite table by editing its schema, which is safe because the file's content does not
 * change: https://sqlite.org/lang_altertable.html#otheralter. Error 547 if a row violates it.
 */
function addRule(
  { session: { sqlite } }: Execution,
  table: string,
  { kind, name, sql, broken }: TableConstraint,
): void {
  if (sqlite.prepare(broken).get()) throw sqlError(547, 'ALTER TABLE', kind, ` "${name}"`);
  const version = Number(sqlite.prepare('PRAGMA main.schema_version').get()?.schema_version);
  sqlite.exec('PRAGMA writable_schema = ON');
  try {
    sqlite
      .prepare(
        `UPDATE main.sqlite_schema SET sql = substr(sql, 1, length(sql) - 1) || ? WHERE type = 'table' AND name = ?`,
      )
      .run(`, ${sql})`, table);
    sqlite.exec(`PRAGMA main.schema_version = ${version + 1}`);
  } finally {
    sqlite.exec('PRAGMA writable_schema = OFF');
  }
}
