import type { DatabaseSync } from 'node:sqlite';
import { type SqlError, sqlError } from '../../sql-error.ts';
import { now } from './database-files.ts';

const kinds = {
  TABLE: ['U', 'USER_TABLE'],
  'PRIMARY KEY': ['PK', 'PRIMARY_KEY_CONSTRAINT'],
  UNIQUE: ['UQ', 'UNIQUE_CONSTRAINT'],
  'FOREIGN KEY': ['F', 'FOREIGN_KEY_CONSTRAINT'],
  CHECK: ['C', 'CHECK_CONSTRAINT'],
} as const;

/** A constraint as the catalogue records it. */
export interface Constraint {
  readonly name: string;
  readonly kind: Exclude<keyof typeof kinds, 'TABLE'>;
  readonly columns: readonly string[];
}

export const alreadyAnObject = (name: string): SqlError => sqlError(2714, name);

/** Adds an object and returns its id; error 2714 if the schema already has an object with that name. */
export function addObject(
  database: DatabaseSync,
  schemaId: number,
  name: string,
  kind: keyof typeof kinds,
  parent = 0,
): number {
  const known = database.prepare('SELECT 1 FROM "sys.objects" WHERE schema_id = ? AND name = ?');
  if (known.get(schemaId, name)) throw alreadyAnObject(name);
  const row = database
    .prepare('SELECT ifnull(max(object_id), 100000000) + 16000057 AS next FROM "sys.objects"')
    .get();
  const objectId = Number(row?.next);
  database
    .prepare('INSERT INTO "sys.objects" VALUES (?, ?, ?, ?, ?, ?, ?)')
    .run(name, objectId, schemaId, parent, ...kinds[kind], now());
  return objectId;
}

/** Records how a table numbers its rows. */
export function addIdentity(
  database: DatabaseSync,
  table: number,
  column: string,
  seed: number,
  increment: number,
) {
  database.prepare('INSERT INTO "$identities" VALUES (?, ?, ?, ?, NULL)').run(table, column, seed, increment);
}

/** Records a constraint, and its index if it is a key. */
export function addConstraint(
  database: DatabaseSync,
  schemaId: number,
  table: number,
  constraint: Constraint,
): void {
  const { name, kind, columns } = constraint;
  addObject(database, schemaId, name, kind, table);
  if (kind === 'PRIMARY KEY' || kind === 'UNIQUE')
    addIndex(database, table, { name, unique: true, columns, kind });
}

/** Adds an index; error 1913 if the table already has an index with that name. */
export function addIndex(
  database: DatabaseSync,
  table: number,
  index: { name: string; unique: boolean; columns: readonly string[]; kind?: 'PRIMARY KEY' | 'UNIQUE' },
): void {
  const { name, unique, columns, kind } = index;
  const known = database.prepare('SELECT 1 FROM "$indexes" WHERE object_id = ? AND name = ?');
  if (known.get(table, name)) throw sqlError(1913, name);
  database
    .prepare('INSERT INTO "$indexes" VALUES (?, ?, ?, ?, ?, ?)')
    .run(table, name, +unique, +(kind === 'PRIMARY KEY'), +(kind === 'UNIQUE'), JSON.stringify(columns));
}

/** The columns of each unique index of a table, those of its primary key first. */
export function uniqueColumns(database: DatabaseSync, table: number): string[][] {
  return database
    .prepare(
      'SELECT columns FROM "$indexes" WHERE object_id = ? AND is_unique = 1 ORDER BY is_primary_key DESC',
    )
    .all(table)
    .map(({ columns }) => JSON.parse(String(columns)) as string[]);
}

/** Removes a table and everything that belongs to it from the catalogue. */
export function removeTable(database: DatabaseSync, table: number): void {
  for (const owned of ['$identities', '$indexes'])
    database.prepare(`DELETE FROM "${owned}" WHERE object_id = ?`).run(table);
  database.prepare('DELETE FROM "sys.database_permissions" WHERE class = 1 AND major_id = ?').run(table);
  database.prepare('DELETE FROM "sys.objects" WHERE object_id = ? OR parent_object_id = ?').run(table, table);
}
