import type { DatabaseSync } from 'node:sqlite';
import { SqlError } from '../../sql-error.ts';
import { asDecimal } from '../translation/typed.ts';
import { now } from './database-files.ts';
import type { TableColumn, TableConstraint, TableDefinition } from './table-definition.ts';

const descriptions = {
  U: 'USER_TABLE',
  PK: 'PRIMARY_KEY_CONSTRAINT',
  UQ: 'UNIQUE_CONSTRAINT',
  F: 'FOREIGN_KEY_CONSTRAINT',
  C: 'CHECK_CONSTRAINT',
  D: 'DEFAULT_CONSTRAINT',
} as const;

export type ObjectType = keyof typeof descriptions;

export function alreadyAnObject(name: string): SqlError {
  return new SqlError({
    number: 2714,
    state: 6,
    message: `There is already an object named '${name}' in the database.`,
  });
}

/** Enters an object; error 2714 when the schema has one of that name. */
export function addObject(
  database: DatabaseSync,
  { name, schemaId, type, parent = 0 }: { name: string; schemaId: number; type: ObjectType; parent?: number },
): number {
  const known = database
    .prepare('SELECT 1 FROM "$objects" WHERE schema_id = ? AND name = ?')
    .get(schemaId, name);
  if (known) throw alreadyAnObject(name);
  const row = database
    .prepare('SELECT ifnull(max(object_id), 100000000) + 16000057 AS next FROM "$objects"')
    .get();
  const objectId = Number(row?.next);
  database
    .prepare('INSERT INTO "$objects" VALUES (?, ?, ?, ?, ?, ?, ?)')
    .run(name, objectId, schemaId, parent, type, descriptions[type], now());
  return objectId;
}

const typeOfConstraint = { 'PRIMARY KEY': 'PK', UNIQUE: 'UQ', 'FOREIGN KEY': 'F', CHECK: 'C' } as const;

/** Enters a constraint with its index or the table it refers to. */
export function addConstraint(
  database: DatabaseSync,
  schemaId: number,
  parent: number,
  constraint: TableConstraint,
): void {
  const { name, kind } = constraint;
  const objectId = addObject(database, { name, schemaId, parent, type: typeOfConstraint[kind] });
  if (kind === 'PRIMARY KEY' || kind === 'UNIQUE') {
    const columns = constraint.columns;
    addIndex(database, parent, {
      name,
      columns,
      unique: true,
      primaryKey: kind === 'PRIMARY KEY',
      constraint: true,
    });
  }
  if (kind === 'FOREIGN KEY') {
    const [schema = '', table = ''] = constraint.table.split('.');
    database
      .prepare(
        `INSERT INTO "$foreign_keys" SELECT ?, o.object_id FROM "$objects" AS o
         JOIN "sys.schemas" AS s ON s.schema_id = o.schema_id WHERE s.name = ? AND o.name = ?`,
      )
      .run(objectId, schema, table);
  }
}

export interface IndexEntry {
  readonly name: string;
  readonly columns: readonly string[];
  readonly unique: boolean;
  readonly primaryKey?: boolean;
  readonly constraint?: boolean;
}

/** Enters an index; error 1913 when the table has one of that name. */
export function addIndex(database: DatabaseSync, objectId: number, entry: IndexEntry): void {
  const { name, columns, unique, primaryKey = false, constraint = false } = entry;
  const known = database
    .prepare('SELECT 1 FROM "sys.indexes" WHERE object_id = ? AND name = ?')
    .get(objectId, name);
  if (known) {
    const message = `The operation failed because an index or statistics with name '${name}' already exists.`;
    throw new SqlError({ number: 1913, message });
  }
  const row = database
    .prepare('SELECT ifnull(max(index_id), 0) + 1 AS next FROM "sys.indexes" WHERE object_id = ?')
    .get(objectId);
  const indexId = Number(row?.next);
  const unnamed = constraint && !primaryKey;
  database
    .prepare('INSERT INTO "sys.indexes" VALUES (?, ?, ?, ?, ?, ?)')
    .run(objectId, name, indexId, unique ? 1 : 0, primaryKey ? 1 : 0, unnamed ? 1 : 0);
  database
    .prepare('INSERT INTO "$index_columns" VALUES (?, ?, ?)')
    .run(objectId, indexId, JSON.stringify(columns));
}

/** Enters a table with its columns and constraints. */
export function addTable(
  database: DatabaseSync,
  schemaId: number,
  name: string,
  definition: TableDefinition,
): void {
  const objectId = addObject(database, { name, schemaId, type: 'U' });
  saveDefinition(database, objectId, definition);
  for (const constraint of definition.constraints) addConstraint(database, schemaId, objectId, constraint);
}

/** Keeps a table's definition and the columns that follow from it. */
export function saveDefinition(database: DatabaseSync, objectId: number, definition: TableDefinition): void {
  database
    .prepare(
      'INSERT INTO "$tables" VALUES (?, ?, NULL) ON CONFLICT (object_id) DO UPDATE SET definition = excluded.definition',
    )
    .run(objectId, JSON.stringify(definition));
  database.prepare('DELETE FROM "$columns" WHERE object_id = ?').run(objectId);
  const insert = database.prepare('INSERT INTO "$columns" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
  for (const [index, column] of definition.columns.entries()) {
    const { name, type, nullable, identity } = column;
    const { precision, scale } = asDecimal(type);
    insert.run(
      objectId,
      name,
      index + 1,
      type.name,
      maximumLength(column),
      precision % 256,
      scale,
      nullable ? 1 : 0,
      identity ? 1 : 0,
    );
  }
}

/** Bytes, as `sys.columns` counts: two for each character of the `n` types, -1 for `max`. */
function maximumLength({ type }: TableColumn): number {
  if (type.length === 'max') return -1;
  if (type.length !== undefined) return type.length * (type.name.startsWith('n') ? 2 : 1);
  const fixed: Readonly<Record<string, number>> = {
    bit: 1,
    tinyint: 1,
    smallint: 2,
    int: 4,
    uniqueidentifier: 16,
    date: 3,
  };
  return fixed[type.name] ?? 8;
}

export function loadDefinition(database: DatabaseSync, objectId: number): TableDefinition {
  const row = database.prepare('SELECT definition FROM "$tables" WHERE object_id = ?').get(objectId);
  return JSON.parse(String(row?.definition)) as TableDefinition;
}

/** Forgets an object and all that hangs on it. */
export function removeObject(database: DatabaseSync, objectId: number): void {
  const children = 'SELECT object_id FROM "$objects" WHERE parent_object_id = ?';
  database
    .prepare(`DELETE FROM "$foreign_keys" WHERE object_id = ? OR object_id IN (${children})`)
    .run(objectId, objectId);
  for (const table of ['$tables', '$columns', 'sys.indexes', '$index_columns']) {
    database.prepare(`DELETE FROM "${table}" WHERE object_id = ?`).run(objectId);
  }
  database.prepare('DELETE FROM "sys.database_permissions" WHERE class = 1 AND major_id = ?').run(objectId);
  database
    .prepare('DELETE FROM "$objects" WHERE object_id = ? OR parent_object_id = ?')
    .run(objectId, objectId);
}

export function removeIndex(database: DatabaseSync, objectId: number, name: string): boolean {
  const row = database
    .prepare('SELECT index_id FROM "sys.indexes" WHERE object_id = ? AND name = ?')
    .get(objectId, name);
  if (!row) return false;
  for (const table of ['sys.indexes', '$index_columns']) {
    database
      .prepare(`DELETE FROM "${table}" WHERE object_id = ? AND index_id = ?`)
      .run(objectId, Number(row.index_id));
  }
  return true;
}
