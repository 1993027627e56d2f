import type { DatabaseSync } from 'node:sqlite';
import { DatabasePermissions } from '../../security/database-permissions.ts';
import { unsupported } from '../../sql-error.ts';
import { findObject, invalidObject, type SchemaObject, systemTable, userTable } from '../catalogue/tables.ts';
import type { ObjectName } from '../syntax/ast.ts';
import { quote, type TableInformation, type TablePermission } from '../translation/scope.ts';
import type { DatabaseRow } from './instance.ts';
import { findUser, type Session } from './session.ts';

/** Whether a name begins with a database that is not the session's own. */
export function isElsewhere(session: Session, { database }: ObjectName): boolean {
  return database !== undefined && database.toLowerCase() !== session.database.name.toLowerCase();
}

/** For what the stand-in does in the session's own database only. */
export function requireHere(session: Session, name: ObjectName): void {
  if (isElsewhere(session, name)) throw unsupported('A change in another database');
}

/**
 * A table by its three-part name, in a database other than the session's own, to be read. Errors as SQL Server's: 208
 * if there is no such database or table, 916 if the login has no user there, 229 without the permission.
 */
export function findTableElsewhere(
  session: Session,
  name: ObjectName,
  permission: TablePermission,
  denied: (object: SchemaObject, database: string) => Error,
): TableInformation {
  const row = session.instance.database(name.database ?? '');
  if (!row) throw invalidObject(name);
  if (permission !== 'SELECT') requireHere(session, name);
  session.requireOpen(row);
  // A connection of its own, as the session's knows the other database by another name than `main`.
  const sqlite = session.instance.files.open(row.id);
  try {
    const user = findUser(sqlite, session.login, session.isSysadmin);
    if (!user) throw session.notAdmitted(row);
    const system = systemTable(sqlite, name, row.id === 1);
    // The views of INFORMATION_SCHEMA ask for the name of the session's database.
    if (system?.schema === 'information_schema') throw unsupported('INFORMATION_SCHEMA of another database');
    const object = findIn(sqlite, name, user.defaultSchema);
    if (!system && object?.type !== 'U') throw invalidObject(name);
    const permissions = new DatabasePermissions(sqlite, user.principalId, session.isSysadmin);
    if (!system && object && !permissions.has(permission, object)) throw denied(object, row.name);
    const table = system ?? userTable(sqlite, object as SchemaObject);
    return { ...table, sql: table.sql.replace(/^"main"/, quote(attach(session, row))) };
  } finally {
    sqlite.close();
  }
}

/** The number of an object of another database; undefined for one the login cannot see. */
export function objectIdElsewhere(session: Session, name: ObjectName): number | undefined {
  const row = session.instance.database(name.database ?? '');
  if (!row || !session.canUse(row.name)) return undefined;
  const sqlite = session.instance.files.open(row.id);
  try {
    return findIn(sqlite, name, findUser(sqlite, session.login, session.isSysadmin)?.defaultSchema)?.objectId;
  } finally {
    sqlite.close();
  }
}

function findIn(sqlite: DatabaseSync, { schema, name }: ObjectName, defaultSchema = 'dbo') {
  if (schema !== undefined) return findObject(sqlite, schema, name);
  return findObject(sqlite, defaultSchema, name) ?? findObject(sqlite, 'dbo', name);
}

/** Opens another database in the session's connection; the name it has there. */
function attach(session: Session, { id }: DatabaseRow): string {
  if (id === 1) return 'master';
  const name = `$database ${id}`;
  if (session.attached.has(id)) return name;
  const file = `file:${encodeURI(session.instance.files.path(id))}?mode=ro`;
  session.sqlite.prepare(`ATTACH ? AS ${quote(name)}`).run(file);
  session.attached.add(id);
  return name;
}

/** Closes other databases again, except while a transaction has read from them. */
export function detachOtherDatabases({ attached, sqlite, transactions }: Session): void {
  if (transactions.begun) return;
  for (const id of attached) {
    sqlite.exec(`DETACH ${quote(`$database ${id}`)}`);
    attached.delete(id);
  }
}
