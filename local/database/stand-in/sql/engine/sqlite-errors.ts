import type { DatabaseSync } from 'node:sqlite';
import { SqlError, sqlError } from '../../sql-error.ts';

/** The SQLite result codes that the engine handles: https://sqlite.org/rescode.html */
export const busy = { plain: 5, snapshot: 517 } as const;

/** The result code of an error from node:sqlite. */
export function resultCode(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown }).errcode;
  return typeof code === 'number' ? code : undefined;
}

/** Prefix of the names of CHECK constraints that limit the length of text. */
export const lengthCheck = '$length:';

/**
 * Translates a SQLite error to the one that SQL Server would report: 515, 547, 2601, 2627, 2628. Any other error is passed
 * on as the stand-in's own error 50000.
 */
export function translateSqliteError(error: unknown, database: DatabaseSync, verb: string): SqlError {
  if (error instanceof SqlError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const rest = (prefix: string) =>
    message.startsWith(prefix) ? message.slice(prefix.length).trim() : undefined;

  const unique = rest('UNIQUE constraint failed:');
  if (unique !== undefined) return duplicateKey(database, unique);
  const missing = rest('NOT NULL constraint failed:');
  if (missing !== undefined) {
    const { table, column } = splitColumn(missing);
    return sqlError(515, column, table, verb);
  }
  const check = rest('CHECK constraint failed:');
  if (check?.startsWith(lengthCheck)) return sqlError(2628, ...check.slice(lengthCheck.length).split(':'));
  if (check !== undefined) return sqlError(547, verb, 'CHECK', ` "${check}"`);
  if (rest('FOREIGN KEY constraint failed') !== undefined) return sqlError(547, verb, 'FOREIGN KEY');
  return sqlError(50000, message);
}

/** Splits `dbo.Album.Title`: the table's name contains a dot. */
function splitColumn(path: string): { table: string; column: string } {
  const at = path.lastIndexOf('.');
  return { table: path.slice(0, at), column: path.slice(at + 1) };
}

function duplicateKey(database: DatabaseSync, failed: string): SqlError {
  const paths = failed.split(', ').map(splitColumn);
  const table = paths[0]?.table ?? '';
  const columns = paths.map(({ column }) => column.toLowerCase());
  const index = database
    .prepare(
      `SELECT i.name, i.is_primary_key, i.is_unique_constraint, i.columns FROM "$indexes" AS i
       JOIN "sys.objects" AS o ON o.object_id = i.object_id JOIN "sys.schemas" AS s ON s.schema_id = o.schema_id
       WHERE s.name || '.' || o.name = ? COLLATE NOCASE`,
    )
    .all(table)
    .find(
      (row) => (JSON.parse(String(row.columns)) as string[]).join('\0').toLowerCase() === columns.join('\0'),
    );
  const name = String(index?.name ?? failed);
  if (index && (index.is_primary_key || index.is_unique_constraint)) {
    const kind = index.is_primary_key ? 'PRIMARY KEY' : 'UNIQUE KEY';
    return sqlError(2627, kind, name, table);
  }
  return sqlError(2601, table, name);
}
