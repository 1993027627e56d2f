import { sqlError, unsupported } from '../../sql-error.ts';
import { addConstraint, uniqueColumns } from '../catalogue/objects.ts';
import {
  columnSql,
  constraintSql,
  type TableColumn,
  type TableConstraint,
  type TableDefinition,
} from '../catalogue/table-definition.ts';
import type { ColumnDefinition, ConstraintDefinition, ObjectName, TableParts } from '../syntax/ast.ts';
import { translateExpression } from '../translation/expressions.ts';
import { assign } from '../translation/modifications.ts';
import { quote, Scope, type ScopeColumn, type Translation } from '../translation/scope.ts';
import type { Execution } from './execution.ts';
import { findNamed, findTable } from './find-table.ts';
import { newTranslation } from './queries.ts';
import type { Session } from './session.ts';

/** A table as it is so far: what constraints may speak of. */
interface Draft {
  readonly name: string;
  readonly columns: readonly Omit<ScopeColumn, 'identity'>[];
  readonly constraints: readonly TableConstraint[];
}

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

/** Makes a table's definition from what was written. */
export function defineTable(
  session: Session,
  translation: Translation,
  name: string,
  parts: TableParts,
): TableDefinition {
  const keys = parts.constraints.flatMap((one) => (one.kind === 'PRIMARY KEY' ? one.columns : []));
  const columns = parts.columns.map((column) =>
    defineColumn(
      translation,
      column,
      keys.some((key) => same(key, column.name)),
    ),
  );
  for (const [index, column] of columns.entries()) {
    if (columns.findIndex((other) => same(other.name, column.name)) === index) continue;
    throw sqlError(2705, column.name, name);
  }
  const constraints: TableConstraint[] = [];
  for (const constraint of parts.constraints)
    constraints.push(defineConstraint(session, translation, { name, columns, constraints }, constraint));
  return { name, columns, constraints };
}

function defineColumn(translation: Translation, column: ColumnDefinition, key: boolean): TableColumn {
  const { name, type, nullable = !key, identity, defaultValue } = column;
  if (key && column.nullable) throw sqlError(8111, name);
  const value =
    defaultValue && assign(translateExpression(translation, new Scope([]), defaultValue), type).sql;
  return {
    name,
    type,
    nullable,
    ...(identity && { identity }),
    ...(value !== undefined && { defaultValue: value }),
  };
}

const prefixes = { 'PRIMARY KEY': 'PK', UNIQUE: 'UQ', 'FOREIGN KEY': 'FK', CHECK: 'CK' } as const;

function defineConstraint(
  session: Session,
  translation: Translation,
  table: Draft,
  constraint: ConstraintDefinition,
): TableConstraint {
  const suffix = Math.random().toString(16).slice(2, 10).padEnd(8, '0').toUpperCase();
  const { kind, name = `${prefixes[kind]}__${table.name.split('.').at(-1)}__${suffix}` } = constraint;
  if (constraint.kind === 'CHECK') {
    const scope = new Scope([{ name: table.name, columns: table.columns }]);
    return { kind: 'CHECK', name, sql: translateExpression(translation, scope, constraint.expression).sql };
  }
  requireColumns(table, constraint.columns);
  if (constraint.kind !== 'FOREIGN KEY') return { kind: constraint.kind, name, columns: constraint.columns };
  const { references, columns, rules } = constraint;
  const wanted = `${references.schema ?? session.user.defaultSchema}.${references.name}`;
  const other = same(wanted, table.name) ? undefined : findTable(session, references, 'REFERENCES');
  const unique = other
    ? uniqueColumns(session.sqlite, other.objectId)
    : table.constraints.flatMap((one) =>
        one.kind === 'PRIMARY KEY' || one.kind === 'UNIQUE' ? [[...one.columns]] : [],
      );
  const referencedColumns =
    constraint.referencedColumns.length > 0 ? constraint.referencedColumns : (unique[0] ?? []);
  const key = (list: readonly string[]) =>
    list
      .map((column) => column.toLowerCase())
      .sort()
      .join('\0');
  const referenced = other ? `${other.schema}.${other.name}` : table.name;
  if (!unique.some((list) => key(list) === key(referencedColumns))) throw sqlError(1776, referenced, name);
  return { kind: 'FOREIGN KEY', name, columns, table: referenced, referencedColumns, rules };
}

function requireColumns({ columns }: Draft, wanted: readonly string[]): void {
  for (const column of wanted) {
    if (columns.some((candidate) => same(candidate.name, column))) continue;
    throw sqlError(1911, column);
  }
}

/** `ALTER TABLE … ADD`. */
export function alterTable(execution: Execution, altered: ObjectName, parts: TableParts): void {
  const { session } = execution;
  const { sqlite } = session;
  const translation = newTranslation(execution);
  const table = findTable(session, altered, 'ALTER');
  const schemaId = findNamed(session, altered)?.schemaId ?? 1;
  const name = `${table.schema}.${table.name}`;
  const { columns } = defineTable(session, translation, name, { columns: parts.columns, constraints: [] });
  for (const column of columns) {
    if (column.identity) throw unsupported('ALTER TABLE … ADD with IDENTITY');
    sqlite.exec(`ALTER TABLE main.${quote(name)} ADD COLUMN ${columnSql(name, column)}`);
  }
  const draft: Draft = { name, columns: [...table.columns, ...columns], constraints: [] };
  for (const written of parts.constraints) {
    const constraint = defineConstraint(session, translation, draft, written);
    addConstraint(sqlite, schemaId, table.objectId, constraint);
    if (constraint.kind === 'PRIMARY KEY' || constraint.kind === 'UNIQUE') addKey(session, draft, constraint);
    else addRule(session, name, constraint);
  }
}

function addKey(
  { sqlite }: Session,
  { name, columns }: Draft,
  key: Extract<TableConstraint, { kind: 'PRIMARY KEY' | 'UNIQUE' }>,
) {
  const nullable = key.columns.some((column) => columns.find((one) => same(one.name, column))?.nullable);
  if (key.kind === 'PRIMARY KEY' && nullable) throw sqlError(8111, name);
  const list = key.columns.map(quote).join(', ');
  sqlite.exec(`CREATE UNIQUE INDEX main.${quote(`${name}.${key.name}`)} ON ${quote(name)} (${list})`);
}

/**
 * Gives SQLite a further CHECK or FOREIGN KEY constraint, which does not show in the file's content:
 * https://sqlite.org/lang_altertable.html#otheralter. Rows that break it: error 547.
 */
function addRule({ sqlite }: Session, table: string, constraint: TableConstraint): void {
  if (sqlite.prepare(brokenBy(table, constraint)).get())
    throw sqlError(547, 'ALTER TABLE', constraint.kind, ` "${constraint.name}"`);
  const version = Number(sqlite.prepare('PRAGMA main.schema_version').get()?.schema_version);
  sqlite.exec('PRAGMA writable_schema = ON');
  try {
    sqlite
      .prepare(
        `UPDATE main.sqlite_schema SET sql = substr(sql, 1, length(sql) - 1) || ? WHERE type = 'table' AND name = ?`,
      )
      .run(`, ${constraintSql(constraint)})`, table);
    sqlite.exec(`PRAGMA main.schema_version = ${version + 1}`);
  } finally {
    sqlite.exec('PRAGMA writable_schema = OFF');
  }
}

function brokenBy(table: string, constraint: TableConstraint): string {
  if (constraint.kind === 'CHECK')
    return `SELECT 1 FROM main.${quote(table)} AS ${quote(table)} WHERE NOT (${constraint.sql}) LIMIT 1`;
  if (constraint.kind !== 'FOREIGN KEY') throw unsupported(constraint.kind);
  const { columns, referencedColumns } = constraint;
  const pairs = columns.map(
    (column, index) => `p.${quote(referencedColumns[index] ?? '')} = c.${quote(column)}`,
  );
  const present = columns.map((column) => `c.${quote(column)} IS NOT NULL`);
  return `SELECT 1 FROM main.${quote(table)} AS c WHERE ${present.join(' AND ')}
    AND NOT EXISTS (SELECT 1 FROM main.${quote(constraint.table)} AS p WHERE ${pairs.join(' AND ')}) LIMIT 1`;
}
