import type { DatabaseSync } from 'node:sqlite';
import { atLine, type SqlError, sqlError } from '../../sql-error.ts';
import { parseType } from '../data-types.ts';
import type { Column } from '../result-sink.ts';
import type { ObjectName } from '../syntax/ast.ts';
import { quote, type TableInformation } from '../translation/scope.ts';
import { serverViews } from './schema.ts';

export interface SchemaObject {
  readonly objectId: number;
  readonly schemaId: number;
  readonly schema: string;
  readonly name: string;
  readonly type: string;
}

/** A user's object of any kind in the current database. */
export function findObject(database: DatabaseSync, schema: string, name: string): SchemaObject | undefined {
  const row = database
    .prepare(
      `SELECT o.object_id, o.schema_id, s.name AS schema_name, o.name, o.type FROM "sys.objects" AS o
       JOIN "sys.schemas" AS s ON s.schema_id = o.schema_id WHERE s.name = ? AND o.name = ?`,
    )
    .get(schema, name);
  return (
    row && {
      objectId: Number(row.object_id),
      schemaId: Number(row.schema_id),
      schema: String(row.schema_name),
      name: String(row.name),
      type: String(row.type),
    }
  );
}

export function invalidObject({ database, schema, name, line }: ObjectName): SqlError {
  const path = [database, schema, name].filter((part) => part !== undefined).join('.');
  return atLine(sqlError(208, path), line);
}

/** A catalogue view; undefined if there is none with that name. `inMaster`: the current database is `master`. */
export function systemTable(
  database: DatabaseSync,
  name: ObjectName,
  inMaster: boolean,
): TableInformation | undefined {
  const schema = name.schema?.toLowerCase() ?? '';
  const key = `${schema}.${name.name.toLowerCase()}`;
  if (schema !== 'sys') return undefined;
  const home = serverViews.has(key) && !inMaster ? 'master' : 'main';
  const columns = columnsOf(database, home, key);
  if (columns.length === 0) return undefined;
  return { sql: `${quote(home)}.${quote(key)}`, schema, name: name.name, objectId: -1, columns };
}

/** A user's table in the form that the translation needs. */
export function userTable(database: DatabaseSync, object: SchemaObject): TableInformation {
  const sqliteName = `${object.schema}.${object.name}`;
  const identity = database
    .prepare('SELECT column_name FROM "$identities" WHERE object_id = ?')
    .get(object.objectId);
  const columns = columnsOf(database, 'main', sqliteName).map((column) =>
    column.name === identity?.column_name ? { ...column, identity: true } : column,
  );
  return { sql: `"main".${quote(sqliteName)}`, ...object, columns };
}

function columnsOf(database: DatabaseSync, home: string, name: string): Column[] {
  return database
    .prepare('SELECT name, type, "notnull" AS required FROM pragma_table_info(?, ?)')
    .all(name, home)
    .map((row) => ({
      name: String(row.name),
      // Columns that a SQLite view computes have no declared type; all of these are text.
      type: parseType(String(row.type)) ?? { name: 'nvarchar', length: 4000 },
      nullable: row.required === 0,
    }));
}
