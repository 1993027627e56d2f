import { sqlError, unsupported } from '../../sql-error.ts';
import { findObject, invalidObject, systemTable, userTable } from '../catalogue/tables.ts';
import type { ObjectName } from '../syntax/ast.ts';
import type { TableInformation, TablePermission } from '../translation/scope.ts';
import type { Session } from './session.ts';

/** Refuses what the stand-in supports only in the session's own database. */
export function requireHere(
  { database: { name: own } }: Session,
  { database, schema, name }: ObjectName,
): void {
  if (database === undefined || database.toLowerCase() === own.toLowerCase()) return;
  throw unsupported(`${database}.${schema ?? ''}.${name}, in another database than ${own},`);
}

/** A table for which the session has the permission: error 208 if it does not exist, 229 without the permission. */
export function findTable(session: Session, name: ObjectName, permission: TablePermission): TableInformation {
  const { sqlite, database, permissions } = session;
  if (name.name.startsWith('#')) throw unsupported('A temporary table');
  const system = systemTable(sqlite, name, database.id === 1);
  if (system) {
    if (permission === 'SELECT') return system;
    throw sqlError(259);
  }
  if (/^(sys|information_schema)$/i.test(name.schema ?? ''))
    throw unsupported(`The view ${name.schema}.${name.name}`);
  const object = findNamed(session, name);
  if (object?.type !== 'U') throw invalidObject(name);
  if (permissions.has(permission, object)) return userTable(sqlite, object);
  throw sqlError(229, permission, object.name, database.name, object.schema);
}

/** Finds an object by a name with or without schema; without one, tries the user's default schema, then `dbo`. */
export function findNamed(session: Session, objectName: ObjectName) {
  requireHere(session, objectName);
  const { sqlite, user } = session;
  const { schema, name } = objectName;
  if (schema !== undefined) return findObject(sqlite, schema, name);
  return findObject(sqlite, user.defaultSchema, name) ?? findObject(sqlite, 'dbo', name);
}

export function schemaNamed(
  { sqlite }: Session,
  name: string,
): { readonly schemaId: number; readonly name: string } | undefined {
  const row = sqlite.prepare('SELECT schema_id, name FROM "sys.schemas" WHERE name = ?').get(name);
  return row && { schemaId: Number(row.schema_id), name: String(row.name) };
}

/** Throws error 262 without a permission on the database. */
export function requirePermission(session: Session, permission: string): void {
  if (session.permissions.has(permission)) return;
  throw sqlError(262, permission, session.database.name);
}
