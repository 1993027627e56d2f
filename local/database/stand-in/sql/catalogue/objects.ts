import type { DatabaseSync } from 'node:sqlite';
import { type SqlError, sqlError } from '../../sql-error.ts';
import { now } from './database-files.ts';
import type { TableConstraint, TableDefinition } from './table-definition.ts';

const kinds = {
  TABLE: ['U', 'USER_TABLE'],
  'PRIMARY KEY': ['PK', 'PRIMARY_KEY_CONSTRAINT'],
  UNIQUE: ['UQ', 'UNIQUE_CONSTRAINT'],
  'FOREIGN KEY': ['F', 'FOREIGN_KEY_CONSTRAINT'],
  CHECK: ['C', 'CHECK_CONSTRAINT'],
} as const;

/** Error 2714. */
export function alreadyAnObject(name: string): SqlError {
  return sqlError(2714, name);
}

/** Enters an object; error 2714 when the schema has one of that name. */
function addObject(
  database: DatabaseSync,
  name: string,
  schemaId: number,
  kind: keyof typeof kinds,
  parent = 0,
): number {
  const known = database
    .prepare('SELECT 1 FROM "sys.objects" WHERE schema_id = ? AND name = ?')
    .get(schemaId, name);
  if (known) throw alreadyAnObject(name);
  const row = database
    .prepare('SELECT ifnull(max(object_id), 100000000) + 16000057 AS next FROM "sys.objects"')
    .get();
  const objectId = Number(row?.next);
  database
    .prepare('INSERT INTO "sys.objects" VALUES (?, ?, ?, ?, ?, ?, ?)')
    .run(name, objectId, schemaId, parent, ...kinds[kind], now());
  return objectId;
}

/** Enters a table with its constraints and the rule by which it numbers its rows. */
export function addTable(
  database: DatabaseSync,
  schemaId: number,
  name: string,
  table: TableDefinition,
): void {
  const objectId = addObject(database, name, schemaId, 'TABLE');
  for (const { name: column, identity } of table.columns) {
    if (!identity) continue;
    database
      .prepare('INSERT INTO "$identities" VALUES (?, ?, ?, ?, NULL)')
      .run(objectId, column, identity.seed, identity.increment);
  }
  for (const constraint of table.constraints) addConstraint(database, schemaId, objectId, constraint);
}

/** Enters a constraint, with its index if it has one. */
export function addConstraint(
  database: DatabaseSync,
  schemaId: number,
  objectId: number,
  constraint: TableConstraint,
): void {
  const { name, kind } = constraint;
  addObject(database, name, schemaId, kind, objectId);
  if (kind !== 'PRIMARY KEY' && kind !== 'UNIQUE') return;
  if (kind === 'PRIMARY KEY') {
    const other = database
      .prepare('SELECT 1 FROM "$indexes" WHERE object_id = ? AND is_primary_key = 1')
      .get(objectId);
    if (other) throw sqlError(1779);
  }
  addIndex(database, objectId, { name, unique: true, columns: constraint.columns, kind });
}

/** Enters an index; error 1913 when the table has one of that name. */
export function addIndex(
  database: DatabaseSync,
  objectId: number,
  index: { name: string; unique: boolean; columns: readonly string[]; kind?: 'PRIMARY KEY' | 'UNIQUE' },
): void {
  const { name, unique, columns, kind } = index;
  if (database.prepare('SELECT 1 FROM "$indexes" WHERE object_id = ? AND name = ?').get(objectId, name))
    throw sqlError(1913, name);
  database
    .prepare('INSERT INTO "$indexes" VALUES (?, ?, ?, ?, ?, ?)')
    .run(objectId, name, +unique, +(kind === 'PRIMARY KEY'), +(kind === 'UNIQUE'), JSON.stringify(columns));
}

/** The columns of each unique index of a table. */
export function uniqueColumns(database: DatabaseSync, objectId: number): string[][] {
  return database
    .prepare(
      'SELECT columns FROM "$indexes" WHERE object_id = ? AND is_unique = 1 ORDER BY is_primary_key DESC',
    )
    .all(objectId)
    .map(({ columns }) => JSON.parse(String(columns)) as string[]);
}

/** Takes a table out, with all that is its own. */
export function removeTable(database: DatabaseSync, objectId: number): void {
  for (const table of ['$identities', '$indexes'])
    database.prepare(`DELETE FROM "${table}" WHERE object_id = ?`).run(objectId);
  database.prepare('DELETE FROM "sys.database_permissions" WHERE class = 1 AND major_id = ?').run(objectId);
  database
    .prepare('DELETE FROM "sys.objects" WHERE object_id = ? OR parent_object_id = ?')
    .run(objectId, objectId);
}
