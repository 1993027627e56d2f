import { SqlError, unsupported } from '../../sql-error.ts';
import { serverViews } from '../catalogue/schema.ts';
import { findObject, invalidObject, type SchemaObject, systemTable, userTable } from '../catalogue/tables.ts';
import type { ObjectName } from '../syntax/ast.ts';
import type { TableInformation, TablePermission, TranslationContext } from '../translation/scope.ts';
import type { Execution } from './batch.ts';
import { findTableElsewhere, isElsewhere, requireHere } from './other-databases.ts';
import type { Session } from './session.ts';
import { fillSessionViews } from './session-views.ts';

export function translationContext({ session, variables }: Execution): TranslationContext {
  return {
    variable: (name) => variables.require(name).type,
    table: (name, permission) => findTable(session, name, permission),
  };
}

/** A table that the session may use so: error 208 if there is none, 229 without the permission. */
export function findTable(session: Session, name: ObjectName, permission: TablePermission): TableInformation {
  const inMaster = session.database.id === 1;
  if (name.name.startsWith('#')) throw unsupported('A temporary table');
  const system = systemTable(session.sqlite, name, inMaster);
  // What the whole server has is the same in every database; the rest is each database's own.
  if (isElsewhere(session, name) && !(system && isServerWide(system)))
    return findTableElsewhere(session, name, permission, denied);
  if (system) {
    if (permission !== 'SELECT') {
      const message = 'Ad hoc updates to system catalogs are not allowed.';
      throw new SqlError({ number: 259, message });
    }
    const view = name.name.toLowerCase();
    if (view.startsWith('dm_')) fillSessionViews(session, view);
    return system;
  }
  const object = findNamed(session, name);
  if (object?.type !== 'U') throw invalidObject(name);
  if (!session.permissions.has(permission, object)) throw denied(object, session.database.name);
  return userTable(session.sqlite, object);

  function denied({ schema, name: object }: SchemaObject, database: string): SqlError {
    const message = `The ${permission} permission was denied on the object '${object}', database '${database}', schema '${schema}'.`;
    return new SqlError({ number: 229, severity: 14, state: 5, message });
  }
}

const isServerWide = ({ sql, schema, name }: TableInformation) =>
  /^"(master|temp)"/.test(sql) || serverViews.has(`${schema}.${name.toLowerCase()}`);

/** An object by a name with or without schema: the user's own schema comes first, then `dbo`. */
export function findNamed(session: Session, objectName: ObjectName) {
  requireHere(session, objectName);
  const { sqlite, user } = session;
  const { schema, name } = objectName;
  if (schema !== undefined) return findObject(sqlite, schema, name);
  return findObject(sqlite, user.defaultSchema, name) ?? findObject(sqlite, 'dbo', name);
}
